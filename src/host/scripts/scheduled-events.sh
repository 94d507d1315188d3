#!/bin/sh
# scheduled-events.sh - what Azure is going to do to this VM, in Azure's own words. Reads only.
# The first question of a VM switches the service on and is answered within two minutes.
# https://learn.microsoft.com/azure/virtual-machines/linux/scheduled-events
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

url='http://169.254.169.254/metadata/scheduledevents?api-version=2020-07-01'
if ! answer=$(curl -fsS --noproxy '*' --max-time 120 -H 'Metadata: true' "$url" 2>&1); then
  fail no-metadata "$answer"
fi
printf '%s\n' "$answer"
