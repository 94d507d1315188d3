# QEMU from its start to its end, and dockur's answer to signals. Sourced by entry.sh.
# shellcheck shell=bash disable=SC2034,SC2154 # one program in several files: variables go from one to another
stopping=''

boot_windows() {
  if is5; then qemu=10.0.6; else qemu=11.1.0; fi
  info "Booting Windows using QEMU v$qemu..."
  page_over
  : >/run/shm/qemu.pty
  mkfifo /run/shm/qemu.pipe
  # OVMF's own words about an empty disk frighten people: dockur softens them.
  tee -a /run/shm/qemu.pty <>/run/shm/qemu.pipe | sed -u 's/failed to load Boot/skipped Boot/' &
  media=''
  if [ -n "$dvd" ]; then
    media="-drive file=$dvd,id=boot,format=raw,cache=unsafe,readonly=on,media=cdrom,if=none -device ich9-ahci,id=ahciboot,addr=0x5 -device ide-cd,drive=boot,bus=ahciboot.0,bootindex=${BOOT_INDEX:-9}"
  fi
  # The guest is a small Linux: more memory than this would only take time to find.
  # shellcheck disable=SC2086 # ARGUMENTS and our own are split on blanks, as dockur does it
  qemu-system-x86_64 -nodefaults -machine type=q35,smm=off,graphics=off,vmport=off,hpet=off -accel $accelerator -cpu $cpu \
    -smp "$cores" -m 1G -name Windows,process=windows -pidfile /run/shm/qemu.pid -display vnc=:0 -vga virtio \
    -monitor unix:/run/shm/monitor.sock,server=on,wait=off,nodelay=on -serial mon:stdio \
    $net -device virtio-net-pci,id=net0,netdev=hostnet0,romfile=,mac="$mac" $media \
    -object iothread,id=io2 \
    -drive file="$STORAGE/data.img",id=data3,format=raw,cache=writeback,aio=threads,discard=unmap,detect-zeroes=on,if=none \
    -device virtio-scsi-pci,id=data3,bus=pcie.0,addr=0xa,iothread=io2,hotplug=off \
    -device scsi-hd,drive=data3,bus=data3.0,channel=0,scsi-id=0,lun=0,rotation_rate=1,bootindex=3 \
    -drive file="$STORAGE/windows.rom",if=pflash,unit=0,format=raw,readonly=on \
    -drive file="$STORAGE/windows.vars",if=pflash,unit=1,format=raw \
    -rtc base=localtime ${QMP:+-qmp $QMP} ${ARGUMENTS:-} </dev/null >/run/shm/qemu.pipe 2>&1 &
  pid=$!
  announce &
  code=0
  wait_for_qemu
  end_of_qemu
}

# "Started" means that the firmware handed over, no more: after its line since 6.04, after half a minute before.
announce() {
  if is5; then
    sleep 30
  else
    until grep -q 'BdsDxe: starting Boot' /run/shm/qemu.pty; do sleep 1; done
    sleep 3
  fi
  kill -0 "$pid" 2>/dev/null || return
  plain ''
  info 'Windows started successfully, visit http://127.0.0.1:8006/ to view the screen...'
}

wait_for_qemu() {
  # A signal interrupts wait; only the end of QEMU ends the loop.
  while kill -0 "$pid" 2>/dev/null; do
    wait "$pid"
    code=$?
  done
}

end_of_qemu() {
  touch /run/shm/qemu.end
  sleep 0.2
  case $code in
  0 | 143) finish ;;
  *) error 'QEMU exited unexpectedly!' ;;
  esac
  rm -f /run/shm/qemu.pid
  plain ''
  plain '❯ Shutdown completed!'
  if [ -n "$stopping" ] && ! is5; then exit 143; fi
  if is5 && [ "$code" = 1 ]; then exit 15; fi
  exit "$code"
}

# stop_windows SIGNAL - presses the power button once a second until Windows is down or the time is over.
stop_windows() {
  [ -z "$stopping" ] || return
  stopping=$1
  plain ''
  if is5; then
    info "Received SIG$1, sending ACPI shutdown signal..."
  else
    info "Received SIG$1 signal, sending ACPI shutdown signal..."
  fi
  if ! kill -0 "${pid:-0}" 2>/dev/null || [ -z "${pid:-}" ]; then
    plain '❯ Shutdown completed!'
    exit 143
  fi
  limit=$((${TIMEOUT:-105} - 5)) term=$((${TIMEOUT:-105} - 10))
  if [ ! -e "$STORAGE/windows.boot" ] && ! grep -q '"Windows Boot Manager" from HD(' /run/shm/qemu.pty; then
    if is5; then
      info 'Cannot send ACPI signal during Windows setup, aborting...'
    else
      info 'Windows will ignore ACPI signals during setup, decreasing timeout to 10 seconds...'
    fi
    limit=10 term=7
  fi
  second=0
  while kill -0 "$pid" 2>/dev/null; do
    second=$((second + 1))
    if [ "$second" -eq "$term" ]; then
      info "Windows is still running, sending SIGTERM... ($second/$limit)"
      kill -TERM "$pid"
    elif [ "$second" -ge "$limit" ]; then
      error "Forcefully terminating Windows, reason: SIG$1..."
      kill -KILL "$pid"
    else
      info "Waiting for Windows to shut down... ($second/$limit)"
      echo system_powerdown | nc -q1 -w1 -U /run/shm/monitor.sock >/dev/null 2>&1
    fi
    sleep 1
  done
}
