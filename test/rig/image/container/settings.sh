# What dockur makes of its environment, and what it refuses with which exit code. Sourced by entry.sh.
# shellcheck shell=bash disable=SC2034,SC2154 # one program in several files: variables go from one to another
STORAGE=${STORAGE:-/storage}
version=${VERSION:-11}
kvm=${KVM:-Y}
case $version in
11) product='Windows 11 Pro' id=win11x64 ;;
11e | win11x64-enterprise-eval) product='Windows 11 Enterprise (Evaluation)' id=win11x64-enterprise-eval ;;
11l) product='Windows 11 LTSC (Evaluation)' id=win11x64-enterprise-ltsc-eval ;;
10) product='Windows 10 Pro' id=win10x64 ;;
10e) product='Windows 10 Enterprise (Evaluation)' id=win10x64-enterprise-eval ;;
*) product='' id='' ;;
esac

# gib VALUE BARE_IS_GIB - whole GiB; fails for what numfmt would refuse.
gib() {
  case $1 in
  *[!0-9][GgMm] | [GgMm] | '') return 1 ;;
  *[Gg]) echo "${1%?}" ;;
  *[Mm]) echo $((${1%?} / 1024)) ;;
  *[!0-9]*) return 1 ;;
  *) if [ "$2" = yes ] && [ "$1" -lt 130 ]; then echo "$1"; else echo $(($1 >> 30)); fi ;;
  esac
}

check_machine() {
  case ${CPU_CORES:-2} in
  half | max) cores=$(nproc) ;;
  '' | *[!0-9]*) die 15 "Invalid amount of CPU_CORES: $CPU_CORES" ;;
  *) cores=${CPU_CORES:-2} ;;
  esac
  case ${RAM_SIZE:-4G} in
  half | max) ram=4 ;;
  *) ram=$(gib "${RAM_SIZE:-4G}" yes) || die 16 "Invalid RAM_SIZE: $RAM_SIZE" ;;
  esac
  total=$(awk '/^MemTotal/ { print int($2 / 1048576) }' /proc/meminfo)
  free=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
  room=$(df -Pk "$STORAGE" | awk 'NR == 2 { print int($4 / 1048576) }')
  kind=$(df -PT "$STORAGE" | awk 'NR == 2 { print $2 }')
  end=''
  if is5; then end=...; fi
  plain "❯ CPU: $model | RAM: $free/$total GB | DISK: $room GB ($kind) | KERNEL: $(uname -r)$end"
  if [ "$ram" -gt "$free" ]; then
    warn "Your configured RAM_SIZE of $ram GB is too high for the $free GB of memory available, it will automatically be adjusted to $((total - 3)) GB."
  fi
  if [ "$cores" -gt "$(nproc)" ]; then
    warn "The amount for CPU_CORES ($cores) exceeds the amount of logical cores available ($(nproc)) and will be limited."
    cores=$(nproc)
  fi
}

check_kvm() {
  slow='this will cause the machine to run about 10 times slower'
  advice='See the FAQ for possible causes, or disable acceleration by adding the "KVM=N" variable (not recommended).'
  accelerator=tcg,thread=multi cpu=max
  case $kvm in
  [Nn]*) warn "KVM acceleration is disabled, $slow!" ;;
  *)
    [ -e /dev/kvm ] || die 88 "KVM acceleration is not available (/dev/kvm is missing), $slow." "$advice"
    grep -qE '^flags.*(vmx|svm)' /proc/cpuinfo || die 88 "KVM acceleration is not available (not enabled in BIOS), $slow." "$advice"
    accelerator=kvm cpu=host,kvm=on
    ;;
  esac
}

check_media() {
  case $version in
  http*/windows.*) die 58 "The download filename \"${version##*/}\" uses the reserved \"windows.*\" namespace!" ;;
  esac
  if [ -z "$id" ]; then
    if is5; then code=61; else code=68; fi
    die "$code" "Invalid VERSION specified, value \"$version\" is not recognized!"
  fi
  if ! is5 && [ "$ram" -lt 2 ]; then
    die 16 "Windows 11 requires at least 2.0 GB of RAM, but RAM_SIZE is set to $((ram * 1024)) MB."
  fi
}

check_disk() {
  broken='Could not create a growable raw disk image of  (/storage/data.img)'
  if ! size=$(gib "${DISK_SIZE:-64G}" no); then
    if is5; then code=73; else code=77; fi
    die "$code" "Invalid value for DISK_SIZE: $DISK_SIZE" "$broken"
  fi
  if ! is5 && [ "$size" -lt 32 ]; then
    die 77 'Please increase the DISK_SIZE variable to at least 32 GB.' "$broken"
  fi
}

check_network() {
  case ${NETWORK:-} in
  '' | [Yy]* | nat | NAT | user | passt | slirp | [Nn]*) ;;
  *) die 24 "Unrecognized NETWORK value: \"$NETWORK\"" ;;
  esac
  case ${DHCP:-N} in
  [Yy]*) die 29 'The container needs to be in a MACVLAN network when DHCP=Y.' ;;
  esac
  if [ -n "${MAC:-}" ] && ! printf '%s' "$MAC" | grep -qE '^([0-9A-Fa-f]{12}|([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})$'; then
    die 28 "Invalid MAC address: '$MAC', should be 12 or 17 digits long!"
  fi
}
