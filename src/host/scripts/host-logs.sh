#!/bin/sh
# host-logs.sh - the ends of the logs that explain a broken host, as one JSON object of name and text.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
BYTES=16384
separator='{'

# entry NAME COMMAND... - the last BYTES of what COMMAND prints; nothing when it cannot.
entry() {
  name=$1
  shift
  text=$(timeout 15 "$@" 2>/dev/null | tail -c "$BYTES") || text=''
  printf '%s%s:%s' "$separator" "$(json_string "$name")" "$(json_string "$text")"
  separator=','
}

entry cloud-init-output tail -c "$BYTES" /var/log/cloud-init-output.log
entry cloud-init grep -E 'WARNING|ERROR|CRITICAL' /var/log/cloud-init.log
entry docker journalctl -u docker.service -b -n 100 --no-pager -o short-iso
entry kernel dmesg --level=emerg,alert,crit,err,warn
entry apt tail -c 4096 /var/log/apt/term.log
entry disks df -hT
entry memory free -m
printf '}\n'
