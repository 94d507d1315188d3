#!/bin/sh
# kvm-selftest.sh - does KVM run code here? /dev/kvm may exist and still not work, so a tiny guest is really run.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

report() {
  printf '{"usable":%s,"reason":%s,"detail":%s}\n' "$1" "$(json_string "$2")" "$(json_string "$3")"
  exit 0
}

if [ ! -c /dev/kvm ]; then
  modprobe kvm_intel 2>/dev/null || modprobe kvm_amd 2>/dev/null || true
fi
if [ ! -c /dev/kvm ]; then
  if grep -qE '^flags.*[[:space:]](vmx|svm)([[:space:]]|$)' /proc/cpuinfo; then
    report false missing '/dev/kvm does not exist although the CPU shows vmx or svm'
  fi
  report false no-cpu-flag '/dev/kvm does not exist and the CPU shows neither vmx nor svm'
fi
[ -w /dev/kvm ] || report false unwritable "/dev/kvm cannot be written by $(id -un)"
# Software that imitates KVM runs the tiny guest below and dies with a real one; dockur refuses such a CPU with exit code 88
# (qemus/qemu, src/proc.sh).
grep -qE '^flags.*[[:space:]](vmx|svm)([[:space:]]|$)' /proc/cpuinfo ||
  report false no-cpu-flag '/dev/kvm exists, but the CPU shows neither vmx nor svm: QEMU cannot run Windows with it'

# A guest of twelve bytes in real mode: adds two registers, writes the sum to port 0x3f8 and halts.
# ioctl numbers: linux/kvm.h; API: https://docs.kernel.org/virt/kvm/api.html
with_python() {
  timeout 20 python3 - <<'PYTHON' 2>&1
import ctypes, fcntl, mmap, os, struct, sys

def stop(reason, detail):
    print(reason + " " + detail)
    sys.exit(0)

code = bytes([0xBA, 0xF8, 0x03, 0x00, 0xD8, 0x04, 0x30, 0xEE, 0xF4])
try:
    kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    version = fcntl.ioctl(kvm, 0xAE00, 0)
    vm = fcntl.ioctl(kvm, 0xAE01, 0)
except OSError as error:
    stop("create-vm-failed", "KVM_CREATE_VM: " + str(error))
try:
    memory = mmap.mmap(-1, 0x1000)
    memory[: len(code)] = code
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    fcntl.ioctl(vm, 0x4020AE46, struct.pack("=IIQQQ", 0, 0, 0x1000, 0x1000, address))
    cpu = fcntl.ioctl(vm, 0xAE41, 0)
    size = fcntl.ioctl(kvm, 0xAE04, 0)
    run = mmap.mmap(cpu, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    sregs = bytearray(312)
    fcntl.ioctl(cpu, 0x8138AE83, sregs)
    struct.pack_into("=QIH", sregs, 0, 0, 0xFFFF, 0)
    fcntl.ioctl(cpu, 0x4138AE84, bytes(sregs))
    regs = [0] * 18
    regs[0], regs[1], regs[16], regs[17] = 2, 2, 0x1000, 2
    fcntl.ioctl(cpu, 0x4090AE82, struct.pack("=18Q", *regs))
    out = None
    for _ in range(16):
        fcntl.ioctl(cpu, 0xAE80, 0)
        exit_reason = struct.unpack_from("=I", run, 8)[0]
        if exit_reason == 2:
            offset = struct.unpack_from("=Q", run, 40)[0]
            out = run[offset]
        elif exit_reason == 5:
            break
        else:
            stop("run-failed", "KVM_RUN ended with exit reason %d" % exit_reason)
    if out != ord("4"):
        stop("run-failed", "the guest computed %r instead of 4" % (out,))
except OSError as error:
    stop("run-failed", "KVM_RUN: " + str(error))
print("ok KVM API %d ran a guest" % version)
PYTHON
}

# Without python3: QEMU must reach its machine monitor with KVM and shut down on command.
with_qemu() {
  printf 'quit\n' | timeout 20 qemu-system-x86_64 -accel kvm -machine q35 -m 16 -nodefaults -display none \
    -monitor stdio 2>&1
}

if has python3; then
  answer=$(with_python) || report false run-failed "the test guest did not end within 20 s: $answer"
  case ${answer%% *} in
    ok) report true ok "${answer#* }" ;;
    create-vm-failed | run-failed) report false "${answer%% *}" "${answer#* }" ;;
    *) report false run-failed "$answer" ;;
  esac
elif has qemu-system-x86_64; then
  if answer=$(with_qemu); then report true ok 'QEMU started with KVM'; fi
  report false run-failed "$answer"
else
  report false no-tool 'neither python3 nor qemu-system-x86_64 is installed, so KVM cannot be tested'
fi
