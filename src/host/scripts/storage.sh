#!/bin/sh
# storage.sh DIRECTORY - what dockur has put into the Windows storage directory. Reads only.
# File names: dockur/windows, src/install.sh and qemus/qemu, src/disk.sh.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 1 "$@"
directory=$1

first_line() {
  if [ -r "$directory/$1" ]; then head -c 4096 -- "$directory/$1" | tr -d '\000' | head -n 1; fi
}

disk=''
for name in data.img data.qcow2; do
  if [ -z "$disk" ] && [ -f "$directory/$name" ]; then disk=$directory/$name; fi
done
allocated=0
# Sparse files: what is allocated tells how far an installation has come, not the file's length.
if [ -n "$disk" ]; then allocated=$(($(stat -c '%b * %B' -- "$disk"))); fi
printf '{"exists":%s,"hasDisk":%s,' "$(json_bool [ -d "$directory" ])" "$(json_bool [ -n "$disk" ])"
printf '"diskAllocatedBytes":%s,"installedMarker":%s,' "$allocated" "$(json_bool [ -e "$directory/windows.boot" ])"
# dockur writes it once, when it prepares the disk for an installation.
begun=$(stat -c %Y -- "$directory/windows.base" 2>/dev/null || echo 0)
printf '"begunS":%s,' "$begun"
printf '"base":%s,"version":%s}\n' "$(json_string "$(first_line windows.base)")" "$(json_string "$(first_line windows.ver)")"
