#!/bin/sh
# build.sh OUTPUT - makes OUTPUT, the root file system of the stand-in image as a tar, from Debian's packages. Needs root
# and mmdebstrap; works in a temporary folder beside OUTPUT.
set -eu
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
output=$1
suite=bookworm
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# First what runs in the container, then what builds the guest's disks.
runtime=base-files,dash,bash,coreutils,python3-minimal,libpython3-stdlib,qemu-system-x86,ovmf,tini,busybox-static
runtime=$runtime,iptables,iproute2,dnsmasq-base,curl,procps,netcat-openbsd,grep,sed,mawk,util-linux,findutils,tar,gzip
tools=mtools,gdisk,xorriso,cpio,binutils,systemd-boot-efi

echo 'root file system from Debian packages'
mmdebstrap --quiet --variant=extract --format=directory --include="$runtime,$tools" \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "$suite" "$work/root"

echo 'kernel of the guest'
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
[ -n "$kernel" ] || { echo 'apt knows no linux-image-amd64' >&2; exit 1; }
(cd "$work" && apt-get download -q -q -o APT::Sandbox::User=root "$kernel" && dpkg -x "$kernel"_*.deb kernel)

echo 'boot disks of the guest'
mkdir -p "$work/root/build"
mv "$work/kernel" "$work/root/build/kernel"
cp -r "$here/guest" "$here/build-guest.sh" "$here/boot_entry.py" "$work/root/build/"
mount --bind /dev "$work/root/dev"
chroot "$work/root" sh /build/build-guest.sh || { umount "$work/root/dev"; exit 1; }
umount "$work/root/dev"
rm -rf "$work/root/build"

echo 'programs of the container'
cp "$here"/container/*.sh "$work/root/standin/"
mv "$work/root/standin/entry.sh" "$work/root/run/entry.sh"
mv "$work/root/standin/waa.sh" "$work/root/entry.sh"
mkdir -p "$work/root/client" "$work/root/storage"
cp "$here/container/run.py" "$work/root/client/run.py"
echo 'root:x:0:0:root:/root:/bin/bash' >"$work/root/etc/passwd"
echo 'root:x:0:' >"$work/root/etc/group"
ln -s python3 "$work/root/usr/bin/python"
ln -s mawk "$work/root/usr/bin/awk"
ln -s nc.openbsd "$work/root/usr/bin/nc"
ln -s iptables-nft "$work/root/usr/sbin/iptables"
rm -rf "$work"/root/usr/share/perl* "$work"/root/usr/lib/x86_64-linux-gnu/perl* "$work"/root/var/cache/apt \
  "$work"/root/var/lib/apt
tar -C "$work/root" -cf "$work/image.tar" .
mv "$work/image.tar" "$output"
