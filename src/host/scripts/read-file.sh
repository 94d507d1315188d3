#!/bin/sh
# read-file.sh PATH MAX_BYTES - the first MAX_BYTES bytes of a regular file, as they are.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"

case $2 in '' | *[!0-9]*) fail usage "MAX_BYTES must be a number, not $2" 64 ;; esac
[ -e "$1" ] || fail not-found "$1 does not exist"
[ -f "$1" ] || fail not-a-file "$1 is not a regular file"
head -c "$2" -- "$1"
