#!/bin/sh
# facts.sh DIRECTORY LUN [BOOT_WAIT_S] - what this host is and how far its set-up has come. Reads only.
# BOOT_WAIT_S: waits until cloud-init has ended, so many seconds at the most, and tells what is so then.
# LUN `none`: no disk of ours; then the file systems of DIRECTORY and of Docker's data are told, mount points or not.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"
directory=$1
lun=$2
boot_wait=${3:-0}

os_name() {
  # shellcheck source=/dev/null
  if [ -r /etc/os-release ]; then (. /etc/os-release && printf '%s' "${PRETTY_NAME:-unknown}"); else uname -s; fi
}

# mount_json PATH [NAME] - the file system of PATH, told as NAME.
mount_json() {
  # POSIX df with GNU's type column: source type blocks used available capacity mount-point
  row=$(df -PkT -- "$1" | awk 'NR == 2 { print $1, $2, $3, $5 }')
  # shellcheck disable=SC2086
  set -- "${2:-$1}" $row
  printf '{"path":%s,"source":%s,"fsType":%s,"sizeBytes":%s,"freeBytes":%s}' \
    "$(json_string "$1")" "$(json_string "$2")" "$(json_string "$3")" "$(($4 * 1024))" "$(($5 * 1024))"
}

# existing PATH - PATH, or the nearest folder above it that exists.
existing() {
  there=$1
  until [ -d "$there" ]; do there=$(dirname "$there"); done
  printf '%s' "$there"
}

docker_root() {
  if has docker; then timeout 10 docker info --format '{{.DockerRootDir}}' 2>/dev/null || true; fi
}

mounts_json() {
  mount_json /
  if [ "$lun" != none ]; then
    if mountpoint -q -- "$directory" 2>/dev/null; then printf ',%s' "$(mount_json "$directory")"; fi
    return
  fi
  printf ',%s' "$(mount_json "$(existing "$directory")" "$directory")"
  root=$(docker_root)
  if [ -n "$root" ]; then printf ',%s' "$(mount_json "$(existing "$root")" "$root")"; fi
}

cloud_init_json() {
  if ! has cloud-init; then
    printf '{"present":false,"exitCode":0,"output":""}'
    return
  fi
  code=0
  output=$(timeout 20 cloud-init status --format json 2>/dev/null) || code=$?
  # Before 22.4 there is no --format.
  if [ -z "$output" ]; then
    code=0
    output=$(timeout 20 cloud-init status --long 2>/dev/null) || code=$?
  fi
  printf '{"present":true,"exitCode":%s,"output":%s}' "$code" "$(json_string "$output")"
}

# starting_s - for how many seconds systemd has been starting the daemon; null when it does not. Between two tries of a daemon
# that crashes the unit is `activating`, too: its SubState is `auto-restart` then, and nothing is being started.
# https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html (InactiveExitTimestampMonotonic: us)
starting_s() {
  { systemctl show docker.service -p SubState -p InactiveExitTimestampMonotonic 2>/dev/null || true; } |
    awk -F= -v "up=$(cut -d. -f1 /proc/uptime)" '
      $1 == "SubState" { starting = $2 ~ /^start/ }
      $1 == "InactiveExitTimestampMonotonic" { since = int($2 / 1000000) }
      END { if (starting) printf "%d", (up > since ? up - since : 0); else printf "null" }'
}

docker_json() {
  version=''
  if has docker; then version=$(timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null) || version=''; fi
  printf '{"installed":%s,"active":%s,"version":%s,"startingS":%s}' \
    "$(json_bool has dockerd)" "$(json_bool [ -n "$version" ])" "$(json_string "$version")" "$(starting_s)"
}

device_json() {
  if [ "$lun" != none ] && device=$(data_device "$lun"); then json_string "$device"; else printf 'null'; fi
}

if [ "$boot_wait" -gt 0 ] && has cloud-init; then timeout "$boot_wait" cloud-init status --wait >/dev/null 2>&1 || true; fi
printf '{"bootId":%s,' "$(json_string "$(cat /proc/sys/kernel/random/boot_id)")"
printf '"os":%s,"kernel":%s,' "$(json_string "$(os_name)")" "$(json_string "$(uname -r)")"
printf '"cpuCores":%s,' "$(getconf _NPROCESSORS_ONLN)"
printf '"memoryMb":%s,' "$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)"
printf '"cpuVirtualization":%s,' "$(json_bool grep -qE '^flags.*[[:space:]](vmx|svm)([[:space:]]|$)' /proc/cpuinfo)"
printf '"kvm":{"present":%s,"writable":%s},' "$(json_bool [ -c /dev/kvm ])" "$(json_bool [ -w /dev/kvm ])"
printf '"docker":%s,"cloudInit":%s,' "$(docker_json)" "$(cloud_init_json)"
printf '"mounts":[%s],"dataDevice":%s,' "$(mounts_json)" "$(device_json)"
printf '"epochMs":%s}\n' "$(date +%s)000"
