# Helpers of the host scripts. Sourced, never run. POSIX sh; tools used: those of a minimal Ubuntu or Debian.
# Contract of every script: arguments by position, one line of JSON on standard output, exit 0; or exit code > 0 and
# `waa-error: <reason>: <detail>` as the last line of standard error. Reasons are words with dashes.
# shellcheck shell=sh

# Mark of the deployment that uses this host, in the folder that holds the bundles of scripts.
# shellcheck disable=SC2034
host_owner=/var/lib/waa/owner

# fail REASON DETAIL [EXIT_CODE]
fail() {
  printf 'waa-error: %s: %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}

# need COUNT "$@" - ends with a usage error unless at least COUNT arguments follow.
need() {
  need_count=$1
  shift
  [ "$#" -ge "$need_count" ] || fail usage "needs $need_count arguments, got $#" 64
}

# json_string TEXT - TEXT as a JSON string with its quotes. Control characters JSON cannot carry plainly are dropped.
json_string() {
  printf '"'
  printf '%s' "$1" | LC_ALL=C tr -d '\000-\010\013-\037\177' | LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' |
    LC_ALL=C awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }'
  printf '"'
}

# json_bool COMMAND... - true or false, by the exit code of COMMAND.
json_bool() {
  if "$@" >/dev/null 2>&1; then printf 'true'; else printf 'false'; fi
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# docker_version - of the daemon; fails while it does not answer.
docker_version() {
  timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null
}

# free_kb PATH - kilobytes available on the file system of PATH.
free_kb() {
  df -Pk "$1" | awk 'NR == 2 { print $4 }'
}

# let_in USER - USER may use Docker's socket: by group for later logins, by ACL for the connection that is open now.
let_in() {
  [ "$(id -u "$1")" -ne 0 ] || return 0
  usermod -aG docker "$1"
  if has setfacl && [ -S /run/docker.sock ]; then setfacl -m "u:$1:rw" /run/docker.sock || true; fi
}

# device_by_udev LUN - the udev links of azure-vm-utils (>= 0.5), then of waagent.
device_by_udev() {
  for candidate in "/dev/disk/azure/data/by-lun/$1" "/dev/disk/azure/scsi1/lun$1"; do
    if [ -b "$candidate" ]; then
      readlink -f "$candidate"
      return 0
    fi
  done
  return 1
}

# Remote disks of NVMe sizes: namespace id = LUN + 2 on the controller "MSFT NVMe Accelerator v1.0".
# https://learn.microsoft.com/azure/virtual-machines/enable-nvme-remote-faqs
device_by_nvme() {
  for controller in /sys/class/nvme/nvme*; do
    [ -r "$controller/model" ] || continue
    case $(cat "$controller/model") in "MSFT NVMe Accelerator"*) ;; *) continue ;; esac
    for namespace in "$controller"/nvme*n*; do
      [ -r "$namespace/nsid" ] || continue
      if [ "$(cat "$namespace/nsid")" -eq $(($1 + 2)) ]; then
        printf '/dev/%s\n' "${namespace##*/}"
        return 0
      fi
    done
  done
  return 1
}

# Data disks of SCSI sizes hang on the VMBus controller f8b3781b-...; the last field of H:C:T:L is the LUN.
# https://github.com/Azure/WALinuxAgent/blob/master/config/66-azure-storage.rules
device_by_scsi() {
  for block in /sys/block/sd*; do
    [ -e "$block/device" ] || continue
    node=$(readlink -f "$block/device")
    case ${node##*/} in *:*:*:"$1") ;; *) continue ;; esac
    while [ "$node" != / ] && [ -n "$node" ]; do
      if [ -r "$node/device_id" ]; then
        case $(cat "$node/device_id") in
          '{f8b3781b-'* | '{F8B3781B-'*)
            printf '/dev/%s\n' "${block##*/}"
            return 0
            ;;
        esac
      fi
      node=$(dirname "$node")
    done
  done
  return 1
}

# data_device LUN - the device of Azure's data disk at LUN. Never by /dev/sdX: that order changes between boots.
data_device() {
  device_by_udev "$1" || device_by_nvme "$1" || device_by_scsi "$1"
}
