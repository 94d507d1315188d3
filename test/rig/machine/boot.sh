#!/bin/sh
# boot.sh FOLDER ADDRESS AUTHORIZED_KEY CGROUP - the rig's machine: a Linux host of its own inside namespaces. Run by unshare as
# the first process of new mount, network, process, IPC and host-name namespaces. Everything it changes is on a layer in
# FOLDER, everything it starts ends with it, and it ends when its standard input does.
set -eu
folder=$1 address=$2 key=$3 cgroup=$4
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "$0")" && pwd)
mount --make-rprivate /
mkdir -p "$folder/layer" "$folder/root"
mount -t tmpfs -o size=2g,mode=0755 machine "$folder/layer"
mkdir "$folder/layer/upper" "$folder/layer/work"
mount -t overlay -o "lowerdir=/,upperdir=$folder/layer/upper,workdir=$folder/layer/work" machine "$folder/root"
root=$folder/root
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t proc proc "$root/proc"
mount -t sysfs sys "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -p "$root/run/lock" "$root/run/sshd" "$root/data" "$root/var/lib/docker"

# Disks of the size that waa wants, which take only what is written to them.
disk() {
  truncate -s "$2" "$folder/$1.img"
  mkfs.ext4 -q -F -m 0 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$folder/$1.img"
  mount -o loop "$folder/$1.img" "$3"
}
disk data 64G "$root/data"
disk docker 32G "$root/var/lib/docker"
rm -rf "$root/var/lib/waa"

# The machine's Docker and SSH, configured as on any Debian host.
cat >"$root/etc/default/docker" <<END
DOCKER_OPTS="--cgroup-parent /$cgroup"
END
# A machine that is itself confined may not raise its limits; the daemon runs without.
sed -i 's/^\([[:space:]]*ulimit .*\)$/\1 || true/' "$root/etc/init.d/docker"
rm -rf "$root/etc/docker" "$root/etc/systemd/system/docker.service.d"
# The login files of this machine's root have no part in it: one that waits for a lock would hold up every command.
rm -rf "$root/root/.ssh" "$root/root/.bashrc" "$root/root/.profile" "$root/root/.bash_profile"
mkdir -p "$root/root/.ssh"
chmod 0700 "$root/root/.ssh"
cp "$key" "$root/root/.ssh/authorized_keys"
ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/rig_host_key"
cat >"$root/etc/ssh/rig_config" <<END
ListenAddress ${address%/*}
ListenAddress 127.0.0.1
HostKey /etc/ssh/rig_host_key
PidFile /run/sshd.pid
PermitRootLogin prohibit-password
PasswordAuthentication no
AuthorizedKeysFile .ssh/authorized_keys
StrictModes no
UsePAM no
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
END
cp "$here/services.sh" "$here/delay-proxy.mjs" "$root/"
hostname waa-rig
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
exec tini -- sh /services.sh "$address"
