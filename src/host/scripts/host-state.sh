#!/bin/sh
# host-state.sh DIRECTORY IMAGE - whose this host is, and what stands where waa wants to be. Reads only.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"
directory=$1
image=$2

owners_json() {
  separator=''
  for file in "$host_owner" "$directory/waa/owner"; do
    [ -e "$file" ] || continue
    printf '%s{"id":%s,"text":%s}' "$separator" "$(json_string "$(sed -n 1p "$file")")" "$(json_string "$(sed -n 2p "$file")")"
    separator=','
  done
}

# The container waa's would collide with: whether it runs, whose label it has, where its Windows disk lies.
container_json() {
  format='{{.State.Running}}|{{index .Config.Labels "waa.fingerprint"}}|{{range .Mounts}}{{if eq .Destination "/storage"}}{{.Source}}{{end}}{{end}}'
  if ! has docker || ! seen=$(timeout 10 docker inspect --type container --format "$format" winarena 2>/dev/null); then
    printf 'null'
    return
  fi
  running=${seen%%|*}
  rest=${seen#*|}
  printf '{"running":%s,"fingerprint":%s,"storage":%s}' \
    "$running" "$(json_string "${rest%%|*}")" "$(json_string "${rest#*|}")"
}

# listens PORT - a TCP socket listens there, on any address. Columns: proc_pid_net(5); 0A is LISTEN.
listens() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    HEX=$(printf ':%04X' "$1") awk '$4 == "0A" && substr($2, length($2) - 4) == ENVIRON["HEX"] { found = 1 } END { exit !found }'
}

listener() {
  if has ss; then ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' | head -n 1; fi
}

ports_json() {
  separator=''
  for port in 5000 8006; do
    listens "$port" || continue
    printf '%s{"port":%s,"by":%s}' "$separator" "$port" "$(json_string "$(listener "$port")")"
    separator=','
  done
}

has_disk() {
  [ -f "$directory/waa/storage/data.img" ] || [ -f "$directory/waa/storage/data.qcow2" ]
}

has_image() {
  has docker && timeout 10 docker image inspect "$image"
}

is_strange() {
  [ ! -e "$directory/waa/owner" ] && [ -d "$directory/waa" ] && [ -n "$(ls -A -- "$directory/waa")" ]
}

printf '{"owners":[%s],"container":%s,"ports":[%s],' "$(owners_json)" "$(container_json)" "$(ports_json)"
printf '"strangeFolder":%s,' "$(json_bool is_strange)"
printf '"folders":%s,"windowsDisk":%s,"image":%s}\n' \
  "$(json_bool [ -d "$directory/waa/run" ])" "$(json_bool has_disk)" "$(json_bool has_image)"
