#!/bin/sh
# host-claim.sh DIRECTORY ID TEXT - marks this host and DIRECTORY as used by the deployment ID. Repeatable; of two that try
# at the same time one wins. TEXT says to people whose it is.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 3 "$@"
directory=$1
id=$2
text=$3

case $directory in /?*) ;; *) fail usage "DIRECTORY must be an absolute path, not $directory" 64 ;; esac

# claim FILE - makes the marker by a hard link, which fails where one is already.
claim() {
  mkdir -p -- "$(dirname "$1")"
  new=$(mktemp "$1.XXXXXX")
  printf '%s\n%s\n' "$id" "$text" >"$new"
  chmod 0644 "$new"
  if ln -- "$new" "$1" 2>/dev/null; then
    rm -f -- "$new"
    made=yes
    return
  fi
  rm -f -- "$new"
  made=no
  [ "$(sed -n 1p "$1")" = "$id" ] || return 1
}

if [ ! -e "$directory/waa/owner" ] && [ -d "$directory/waa" ] && [ -n "$(ls -A -- "$directory/waa")" ]; then
  fail in-use "a folder $directory/waa that no deployment of waa marked"
fi
claim "$host_owner" || fail in-use "$(sed -n 2p "$host_owner")"
first=$made
if ! claim "$directory/waa/owner"; then
  if [ "$first" = yes ]; then rm -f -- "$host_owner"; fi
  fail in-use "$(sed -n 2p "$directory/waa/owner")"
fi
printf '{"claimed":true,"made":%s}\n' "$(json_bool [ "$first" = yes ])"
