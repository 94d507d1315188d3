#!/bin/sh
# guardian-clean.sh DIRECTORY - frees space on / and on DIRECTORY without touching anything a run needs: caches, old
# journals, dangling images, build cache, stopped containers that are not waa's, and downloads of Windows that broke off.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 1 "$@"
directory=$1

total_free_kb() {
  kb=$(free_kb /)
  if mountpoint -q -- "$directory" 2>/dev/null; then kb=$((kb + $(free_kb "$directory"))); fi
  printf '%s' "$kb"
}

# quietly SECONDS COMMAND... - what cannot be cleaned is no failure: the caller measures again.
quietly() {
  seconds=$1
  shift
  timeout "$seconds" "$@" >&2 || printf 'guardian-clean: %s failed\n' "$*" >&2
}

before=$(total_free_kb)
if has apt-get; then quietly 60 apt-get -o DPkg::Lock::Timeout=20 clean; fi
if has journalctl; then quietly 60 journalctl --vacuum-size=100M; fi
if has docker && timeout 10 docker version >/dev/null 2>&1; then
  quietly 120 docker container prune --force --filter 'label!=waa.fingerprint'
  quietly 300 docker image prune --force
  quietly 300 docker builder prune --force
fi
# One that goes on (iso-fetch.sh) writes to its file all the time; dockur downloads for itself where one was given up.
if [ -d "$directory/waa/iso" ]; then quietly 60 find "$directory/waa/iso" -name '*.part' -mmin +60 -delete; fi
after=$(total_free_kb)
freed=$((after - before))
if [ "$freed" -lt 0 ]; then freed=0; fi
printf '{"freedBytes":%s}\n' "$((freed * 1024))"
