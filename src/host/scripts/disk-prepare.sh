#!/bin/sh
# disk-prepare.sh LUN DIRECTORY USER - the data disk at LUN becomes DIRECTORY, with waa's folders in it. Repeatable.
# LUN `none`: DIRECTORY is used as it is. A disk that is not blank and not ours is never written to.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 3 "$@"
lun=$1
directory=$2
user=$3
label=waa-data

case $lun in none) ;; '' | *[!0-9]*) fail usage "LUN must be a number or none, not $lun" 64 ;; esac
case $directory in /?*) ;; *) fail usage "DIRECTORY must be an absolute path, not $directory" 64 ;; esac
id "$user" >/dev/null 2>&1 || fail no-user "there is no user $user"

wait_for_device() {
  waited=0
  until device=$(data_device "$lun"); do
    [ "$waited" -lt 60 ] || fail no-device "no disk at LUN $lun after $waited s"
    if has udevadm; then udevadm settle --timeout=5 || true; fi
    sleep 2
    waited=$((waited + 2))
  done
}

format_if_blank() {
  if [ -n "$(lsblk -nro NAME "$device" | sed 1d)" ]; then fail foreign-filesystem "$device has partitions"; fi
  found=0
  blkid -p "$device" >/dev/null 2>&1 || found=$?
  case $found in
    0)
      type=$(blkid -p -s TYPE -o value "$device" || true)
      name=$(blkid -p -s LABEL -o value "$device" || true)
      if [ "$type" != ext4 ] || [ "$name" != "$label" ]; then
        fail foreign-filesystem "$device holds ${type:-something unknown} labelled '$name'"
      fi
      ;;
    2) mkfs.ext4 -q -m 0 -L "$label" "$device" >&2 || fail mkfs-failed "mkfs.ext4 on $device" ;;
    *) fail foreign-filesystem "blkid cannot tell what is on $device (exit $found)" ;;
  esac
}

# One line for our directory in /etc/fstab, by UUID; nofail, so that a missing disk never keeps the VM from booting.
write_fstab() {
  uuid=$(blkid -p -s UUID -o value "$device")
  field=$(printf '%s' "$directory" | sed -e 's/\\/\\134/g' -e 's/ /\\040/g' -e 's/	/\\011/g')
  line="UUID=$uuid $field ext4 defaults,nofail,x-systemd.device-timeout=30 0 2"
  if grep -qxF -- "$line" /etc/fstab 2>/dev/null; then return; fi
  touch /etc/fstab
  FIELD=$field LINE=$line awk '$2 != ENVIRON["FIELD"] { print } END { print ENVIRON["LINE"] }' /etc/fstab >/etc/fstab.waa
  chmod 0644 /etc/fstab.waa
  mv /etc/fstab.waa /etc/fstab
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
}

mount_disk() {
  mkdir -p -- "$directory"
  if mountpoint -q -- "$directory"; then
    source=$(readlink -f "$(findmnt -nro SOURCE --mountpoint "$directory")")
    [ "$source" = "$device" ] || fail mount-point-busy "$directory is mounted from $source, not from $device"
    return
  fi
  if [ -n "$(ls -A -- "$directory")" ]; then fail mount-point-busy "$directory is not empty; mounting would hide its files"; fi
  mount -- "$directory" || fail mount-failed "mount $directory"
}

if [ "$lun" = none ]; then
  mkdir -p -- "$directory"
else
  wait_for_device
  format_if_blank
  write_fstab
  mount_disk
fi
mkdir -p -- "$directory/docker" "$directory/waa/storage" "$directory/waa/results" "$directory/waa/run"
chmod 0755 "$directory" "$directory/waa" "$directory/waa/storage" "$directory/waa/results"
# QEMU's control socket is in here: root and USER only.
chown -- "root:$(id -gn "$user")" "$directory/waa/run"
chmod 0750 "$directory/waa/run"
printf '{"directory":%s,"freeBytes":%s}\n' "$(json_string "$directory")" "$(($(free_kb "$directory") * 1024))"
