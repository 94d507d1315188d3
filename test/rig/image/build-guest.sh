#!/bin/sh
# Runs inside the image's root: makes /standin/windows.iso, the DVD whose Setup fills a disk, from a Debian kernel and an
# initramfs of busybox and Python. The disk it makes starts by \EFI\Microsoft\Boot\bootmgfw.efi, as Windows does.
set -eu
cd /build
partition=11111111-2222-3333-4444-555555555555
release=$(ls kernel/lib/modules)
modules=kernel/lib/modules/$release
mkdir -p /standin

# --- initramfs
mkdir -p ird/bin ird/proc ird/sys ird/dev ird/tmp ird/lib/m ird/etc/acpi/PWRF ird/guest
cp /usr/bin/busybox ird/bin/
for name in sh mount insmod ip udhcpc acpid cat kill chattr poweroff reboot; do ln -s busybox "ird/bin/$name"; done
cp guest/init ird/init
cp guest/*.py guest/dhcp ird/guest/
# busybox acpid: the power button of QEMU's q35 arrives as this event.
cp guest/power-button ird/etc/acpi/PWRF/00000080
chmod +x ird/init ird/guest/dhcp ird/etc/acpi/PWRF/00000080
python3 - "$modules" ird/lib/m virtio_pci virtio_net virtio_scsi sd_mod evdev button efivarfs <<'PYTHON'
import os, re, shutil, sys
tree, target, *wanted = sys.argv[1:]
known = {}
for folder, _, files in os.walk(tree):
    for name in files:
        if '.ko' in name:
            known[name.split('.ko')[0].replace('-', '_')] = os.path.join(folder, name)
order = []
def add(name):
    if name in order or name not in known:
        return
    needs = re.search(rb'\0depends=([^\0]*)', b'\0' + open(known[name], 'rb').read())
    for other in (needs.group(1).decode().split(',') if needs else []):
        add(other.replace('-', '_'))
    order.append(name)
    shutil.copy(known[name], os.path.join(target, name + '.ko'))
for name in wanted:
    if name not in known:
        print('built in or missing: ' + name)
    add(name)
open(os.path.join(target, 'order'), 'w').write('\n'.join(order) + '\n')
PYTHON
# Python with just the modules that guest.py reaches.
python=$(readlink -f /usr/bin/python3)
copy_program() {
  for file in "$1" $(LD_TRACE_LOADED_OBJECTS=1 "$1" | grep -o '/lib[^ ]*'); do
    mkdir -p "ird$(dirname "$file")"
    cp -L "$file" "ird$file"
  done
}
copy_program "$python"
ln -s "$python" ird/bin/python3
(cd guest && python3 -S -E - <<'PYTHON') >stdlib.list
import sys
sys.path.insert(0, '.')
import encodings.idna, encodings.latin_1, encodings.ascii, encodings.utf_16_le
import guest, server
for module in list(sys.modules.values()):
    path = getattr(module, '__file__', None) or ''
    if path.startswith('/usr/lib/python3'):
        print(path)
PYTHON
while read -r file; do
  mkdir -p "ird$(dirname "$file")"
  cp "$file" "ird$file"
done <stdlib.list
# Compiling while it starts would take an emulated CPU seconds.
python3 -m compileall -q --invalidation-mode unchecked-hash ird/usr/lib ird/guest

# --- boot images: kernel, initramfs and command line in one EFI program
# Without a console on the screen nothing but guest.py paints there.
quiet='console=ttyS3 quiet loglevel=0 fbcon=vc:62-63 vt.global_cursor_default=0 panic=0'
# What an emulated CPU is slow at: self-tests, five levels of pages, waiting for grace periods.
quick='random.trust_cpu=on mitigations=off cryptomgr.notests no5lvl rcupdate.rcu_expedited=1 audit=0'
boot_image() {
  (cd ird && find . | cpio -o -H newc --quiet | gzip -1) >ird.gz
  printf '%s %s %s' "$quiet" "$quick" "$1" >cmdline
  objcopy --add-section .osrel=/etc/os-release --change-section-vma .osrel=0x20000 \
    --add-section .cmdline=cmdline --change-section-vma .cmdline=0x30000 \
    --add-section .linux="kernel/boot/vmlinuz-$release" --change-section-vma .linux=0x2000000 \
    --add-section .initrd=ird.gz --change-section-vma .initrd=0x4000000 \
    /usr/lib/systemd/boot/efi/linuxx64.efi.stub "$2"
}
boot_image phase=run run.efi

# --- the disk as Setup leaves it: only its first part is kept, the rest of a new disk is empty
truncate -s 300M disk
sgdisk -n 1:2048:264191 -t 1:ef00 -u "1:$partition" disk >/dev/null
truncate -s $((262144 * 512)) esp
mformat -i esp -F ::
mmd -i esp ::/EFI ::/EFI/Microsoft ::/EFI/Microsoft/Boot
mcopy -i esp run.efi ::/EFI/Microsoft/Boot/bootmgfw.efi
dd if=esp of=disk bs=1M seek=1 conv=notrunc status=none
used=$(($(stat -c %s run.efi) / 1048576 + 6))
dd if=disk bs=1M count="$used" status=none | gzip -1 >ird/guest/disk.gz
python3 boot_entry.py "$partition" ird/guest/boot-entry

# --- the DVD
boot_image phase=setup setup.efi
mkdir -p dvd
truncate -s $((($(stat -c %s setup.efi) / 1048576 + 8) * 1048576)) dvd/efi.img
mformat -i dvd/efi.img -F ::
mmd -i dvd/efi.img ::/EFI ::/EFI/BOOT
mcopy -i dvd/efi.img setup.efi ::/EFI/BOOT/BOOTX64.EFI
xorriso -as mkisofs -quiet -o /standin/windows.iso -e efi.img -no-emul-boot dvd
ls -l run.efi setup.efi /standin/windows.iso
