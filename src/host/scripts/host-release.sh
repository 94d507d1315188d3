#!/bin/sh
# host-release.sh DIRECTORY ID - removes what the deployment ID made on this host: Windows disk, results, sockets, markers
# and these scripts. Docker, its data and everything else stay. Nothing is touched that carries another owner's mark.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"
directory=$1
id=$2
mine=$directory/waa

case $directory in /?*) ;; *) fail usage "DIRECTORY must be an absolute path, not $directory" 64 ;; esac
claimed=false
for file in "$host_owner" "$mine/owner"; do
  [ -e "$file" ] || continue
  [ "$(sed -n 1p "$file")" = "$id" ] || fail in-use "$(sed -n 2p "$file")"
  claimed=true
done
if [ "$claimed" = false ]; then
  printf '{"claimed":false}\n'
  exit 0
fi
if has docker && [ -n "$(timeout 20 docker ps --quiet --filter "volume=$mine/storage" 2>/dev/null)" ]; then
  fail still-running "a running container uses $mine/storage"
fi
# The marks go last, so that an interrupted release is still known to be ours.
if [ -d "$mine" ]; then find "$mine" -mindepth 1 -maxdepth 1 ! -name owner -exec rm -rf -- {} +; fi
rm -rf -- "$mine"
rm -f -- "$host_owner"
rmdir -- "$directory/docker" "$directory" 2>/dev/null || true
printf '{"claimed":true}\n'
root=$(dirname "$host_owner")
rm -rf -- "$root/host"
rmdir -- "$root" 2>/dev/null || true
