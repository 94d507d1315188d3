#!/bin/sh
# reset-storage.sh DIRECTORY - removes the Windows disk and dockur's state for a new installation. Install media (*.iso)
# stay, so that the next installation need not download them again. The clean copy of golden.sh belongs to the old Windows.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 1 "$@"
directory=$1

case $directory in /?*/storage) ;; *) fail usage "DIRECTORY must be an absolute path that ends in /storage, not $directory" 64 ;; esac
[ -d "$directory" ] || fail no-directory "$directory does not exist"
if has docker && [ -n "$(docker ps --quiet --filter "volume=$directory" 2>/dev/null)" ]; then
  fail in-use "a running container uses $directory"
fi
find "$directory" -mindepth 1 -maxdepth 1 ! -name '*.iso' -exec rm -rf -- {} +
rm -rf -- "${directory%/storage}/golden"
printf '{"freeBytes":%s}\n' "$(($(free_kb "$directory") * 1024))"
