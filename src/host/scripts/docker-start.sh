#!/bin/sh
# docker-start.sh USER - starts the Docker daemon when it does not answer.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 1 "$@"
user=$1

has dockerd || fail not-installed 'Docker is not installed'

start() {
  if [ -d /run/systemd/system ]; then
    # A unit that failed too often refuses to start until its counter is reset.
    systemctl reset-failed docker.service docker.socket >&2 2>/dev/null || true
    systemctl restart docker.service >&2
  else
    service docker start >&2
  fi
}

# A daemon that died leaves its containers running. The next one signals their first process and answers only when they
# have ended, after two minutes by force: WAA's own images pass no signal on (WindowsAgentArena 6d39ed8, entry.sh). dockur
# gets it here, so that Windows shuts down. src/layers/stop-dockur.ts finds it by the same command line, inside the
# container, which takes the daemon; among the host's processes its mount tells it from those of other containers.
# With live-restore they are meant to stay.
end_orphan() {
  if pidof dockerd >/dev/null || grep -q '"live-restore": *true' /etc/docker/daemon.json 2>/dev/null; then return; fi
  # shellcheck disable=SC2010 # names of processes are numbers
  for pid in $(ls /proc | grep -E '^[0-9]+$' | sort -n); do
    if grep -q '/waa/storage /storage ' "/proc/$pid/mountinfo" 2>/dev/null &&
      tr '\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qE '^[a-z/]*bash /run/entry\.sh '; then
      kill -TERM "$pid" || true
      return
    fi
  done
}

last_words() {
  if has journalctl; then journalctl -u docker.service -b -n 5 --no-pager -o cat 2>/dev/null | tail -n 3 | tr '\n' ' '; fi
}

waited=0
until version=$(docker_version) && [ -n "$version" ]; do
  [ "$waited" -lt 60 ] || fail daemon-down "the Docker daemon does not answer: $(last_words)"
  if [ $((waited % 20)) -eq 0 ]; then
    end_orphan
    start || true
  fi
  sleep 2
  waited=$((waited + 2))
done
let_in "$user"
printf '{"version":%s}\n' "$(json_string "$version")"
