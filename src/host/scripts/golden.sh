#!/bin/sh
# golden.sh status|capture|restore STORAGE - a clean copy of the Windows storage directory, beside it as `golden`.
#
#   status    {"exists","bytes","capturedS","used","neededBytes","freeBytes"}; reads only
#   capture   copies the disk and dockur's small files of a Windows that was shut down and that no task has used
#   restore   puts the copy back; every file is replaced in one step, so that a crash leaves no half disk
#
# task.sh leaves the mark `.waa-used` in STORAGE. `data.img` is sparse: only what is allocated is copied, and on a file
# system with reflinks nothing at all. Reasons it fails with: in-use, not-installed, used, no-room, no-golden, usage (64).
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"
command=$1 storage=$2

case $storage in /?*/storage) ;; *) fail usage "STORAGE must be an absolute path that ends in /storage, not $storage" 64 ;; esac
golden=${storage%/storage}/golden
# Files may grow while tasks run elsewhere on this disk.
MARGIN_KB=2097152

allocated_kb() {
  if [ -d "$1" ]; then du -sk -- "$1" | cut -f 1; else echo 0; fi
}

copy() {
  cp -R --preserve=mode,timestamps --reflink=auto --sparse=always -- "$1" "$2"
}

not_in_use() {
  if has docker && [ -n "$(docker ps --quiet --filter "volume=$storage" 2>/dev/null)" ]; then
    fail in-use "a running container uses $storage"
  fi
}

need_room() {
  [ "$(free_kb "${storage%/storage}")" -ge "$(($1 + MARGIN_KB))" ] ||
    fail no-room "$(($1 / 1024 + MARGIN_KB / 1024)) MB are needed beside $storage, $(($(free_kb "${storage%/storage}") / 1024)) are free"
}

status() {
  captured=0
  if [ -e "$golden/captured" ]; then captured=$(cat "$golden/captured"); fi
  printf '{"exists":%s,"bytes":%s,"capturedS":%s,"used":%s,' "$(json_bool [ -e "$golden/captured" ])" \
    "$(($(allocated_kb "$golden") * 1024))" "$captured" "$(json_bool [ -e "$storage/.waa-used" ])"
  printf '"neededBytes":%s,"freeBytes":%s}\n' "$((($(allocated_kb "$storage") * 2 + MARGIN_KB) * 1024))" \
    "$(($(free_kb "${storage%/storage}") * 1024))"
}

case $command in
status) ;;
capture)
  not_in_use
  [ -f "$storage/data.img" ] || [ -f "$storage/data.qcow2" ] || fail not-installed "there is no Windows disk in $storage"
  [ -e "$storage/windows.boot" ] || fail not-installed "the Windows in $storage was never installed to its end"
  [ ! -e "$storage/.waa-used" ] || fail used "tasks have run on the Windows in $storage"
  need_room "$(allocated_kb "$storage")"
  rm -rf -- "$golden" "$golden.new"
  mkdir -p -- "$golden.new"
  copy "$storage/." "$golden.new/files"
  date +%s >"$golden.new/captured"
  sync
  mv -T -- "$golden.new" "$golden"
  ;;
restore)
  not_in_use
  [ -e "$golden/captured" ] || fail no-golden "there is no clean copy in $golden"
  new=$storage.restore
  rm -rf -- "$new"
  need_room "$(allocated_kb "$golden")"
  copy "$golden/files" "$new"
  sync
  # The mark of use goes last: until then nobody takes a mixture of old and new for clean.
  (cd "$new" && find . -type f) | while IFS= read -r file; do
    mkdir -p -- "$storage/$(dirname "$file")"
    mv -f -- "$new/$file" "$storage/$file"
  done
  rm -rf -- "$new" "$storage/.waa-used"
  ;;
*) fail usage "unknown command: $command" 64 ;;
esac
status
