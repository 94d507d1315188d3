#!/bin/sh
# services.sh ADDRESS - runs inside the rig's machine: network, SSH, Docker; then waits for the end of its input.
set -eu
umount -l /old 2>/dev/null || true
ip link set lo up
waited=0
until ip link show eth0 >/dev/null 2>&1; do
  [ "$waited" -lt 100 ] || { echo 'no network interface was given' >&2; exit 1; }
  waited=$((waited + 1))
  sleep 0.1
done
ip addr add "$1" dev eth0
ip link set eth0 up
/usr/sbin/sshd -f /etc/ssh/rig_config -E /var/log/sshd.log
service docker start >&2
waited=0
until docker version >/dev/null 2>&1; do
  if [ "$waited" -ge 60 ]; then
    tail -n 30 /var/log/docker.log >&2
    exit 1
  fi
  waited=$((waited + 1))
  sleep 1
done
echo ready
exec cat
