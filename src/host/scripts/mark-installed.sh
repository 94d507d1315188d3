#!/bin/sh
# mark-installed.sh DIRECTORY - touches dockur's marker of a finished installation. Without it dockur 6.04 and later wipe
# the disk at the next start. Refuses where there is no disk: a marker alone would mislead.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 1 "$@"
directory=$1

[ -f "$directory/data.img" ] || [ -f "$directory/data.qcow2" ] || fail no-disk "there is no Windows disk in $directory"
[ -e "$directory/windows.boot" ] || : >"$directory/windows.boot"
sync -- "$directory/windows.boot" 2>/dev/null || sync
printf '{"marked":true}\n'
