#!/bin/sh
# iso-fetch.sh start|status STORAGE FILE BYTES SHA256 URL - Windows' installation media as STORAGE/FILE, where dockur takes
# it from instead of downloading it (dockur/windows 5.14 to 6.05, src/install.sh, startInstall).
#
#   start    begins the download in the background, or goes on with one that broke off; nothing where it is not needed
#   status   {"state":"absent|running|failed|done","doneBytes","totalBytes","detail"}; reads only
#
# Only a file of the right size and sum ever gets its name. `done` is also said where Windows is installed already. The
# download ends by itself when it stands still for a minute; then dockur is left to do it. Reasons: no-tool, usage (64).
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 6 "$@"
step=$1 storage=$2 file=$3 bytes=$4 sum=$5 url=$6

case $storage in /?*/storage) ;; *) fail usage "STORAGE must be an absolute path that ends in /storage, not $storage" 64 ;; esac
case $file in *[!A-Za-z0-9._-]* | '' | .*) fail usage "FILE must be a plain name, not $file" 64 ;; esac
work=${storage%/storage}/iso
part=$work/$file.part
TRIES=5

not_needed() {
  [ -s "$storage/$file" ] || [ -e "$storage/data.img" ] || [ -e "$storage/data.qcow2" ] || [ -e "$storage/windows.boot" ]
}

# The lock ends with the process that downloads, however that ends.
is_running() {
  [ -e "$work/lock" ] && ! flock -n "$work/lock" true
}

size_of() {
  stat -c %s -- "$1" 2>/dev/null || echo 0
}

# Whether it runs is asked first: one that ends between the two looks has its file in place by the second.
status() {
  running=no
  if is_running; then running=yes; fi
  if not_needed; then
    state='done'
  elif [ "$running" = yes ]; then
    state=running
  elif [ -s "$work/failed" ]; then
    state=failed
  else
    state=absent
  fi
  detail=''
  if [ "$state" = failed ]; then detail=$(head -c 500 "$work/failed"); fi
  printf '{"state":"%s","doneBytes":%s,"totalBytes":%s,"detail":%s}\n' \
    "$state" "$(size_of "$part")" "$bytes" "$(json_string "$detail")"
}

give_up() {
  printf '%s\n' "$1" >"$work/failed"
  exit 1
}

# --continue-at needs a server that knows ranges; Microsoft's does. A stand-still of 60 s below 64 KB/s ends a try.
download() {
  tried=0
  until [ "$(size_of "$part")" -ge "$bytes" ]; do
    tried=$((tried + 1))
    [ "$tried" -le "$TRIES" ] || give_up "$(tail -n 1 "$work/log" | head -c 300)"
    if [ "$tried" -gt 1 ]; then sleep 5; fi
    curl --fail --silent --show-error --location --connect-timeout 20 --speed-limit 65536 --speed-time 60 \
      --continue-at - --output "$part" -- "$url" 2>>"$work/log" || true
  done
}

check() {
  got=$(size_of "$part")
  if [ "$got" -eq "$bytes" ] && printf '%s  %s\n' "$sum" "$part" | sha256sum --check --status; then return; fi
  rm -f -- "$part"
  give_up "what came from $url has $got bytes or another checksum than it should"
}

case $step in
status) status ;;
start)
  for tool in curl flock setsid sha256sum; do has "$tool" || fail no-tool "$tool is missing"; done
  if ! not_needed; then
    mkdir -p -- "$work"
    exec 9>"$work/lock"
    if flock -n 9; then
      rm -f -- "$work/failed"
      # The lock goes with the descriptor; nothing else of ours may keep the caller's session open.
      setsid sh "$0" fetch "$storage" "$file" "$bytes" "$sum" "$url" </dev/null >/dev/null 2>>"$work/log" &
    fi
    exec 9>&-
  fi
  status
  ;;
fetch)
  if not_needed; then exit 0; fi
  download
  check
  # The name comes last: who reads `done` finds nothing else of ours.
  rm -f -- "$work/log"
  if not_needed; then rm -f -- "$part"; else mv -- "$part" "$storage/$file"; fi
  ;;
*) fail usage "STEP must be start or status, not $step" 64 ;;
esac
