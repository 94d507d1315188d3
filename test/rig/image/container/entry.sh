#!/bin/bash
# /run/entry.sh of the stand-in: dockur's contract around a real QEMU. What it promises: BEHAVIOUR.md. Sources: src/*.sh of
# dockur/windows v5.14 and v6.05 and of their base images qemus/qemu 7.30 and 7.48.
set -u
# shellcheck source=test/rig/image/container/lib.sh
. /standin/lib.sh
# shellcheck source=test/rig/image/container/settings.sh
. /standin/settings.sh
# shellcheck source=test/rig/image/container/storage.sh
. /standin/storage.sh
# shellcheck source=test/rig/image/container/network.sh
. /standin/network.sh
# shellcheck source=test/rig/image/container/power.sh
. /standin/power.sh

dialect=${STANDIN_DIALECT:-6.05}
mkdir -p /run/shm /var/lib/misc /run/web
rm -f /run/shm/qemu.* /run/shm/*.html /run/shm/monitor.sock

case $dialect in
5.*) echo "$dialect" >/run/version ;;
*) echo "$dialect" >/etc/version ;;
esac

web_up
show 'Starting Windows for Docker'
plain "❯ Starting Windows for Docker v$dialect..."
plain '❯ For support visit https://github.com/dockur/windows'
[ -d "$STORAGE" ] || die 13 "Storage folder ($STORAGE) not found!"
touch "$STORAGE/.writeable" 2>/dev/null || die 13 "Storage folder ($STORAGE) is not writeable!"
rm -f "$STORAGE/.writeable"

check_machine
check_kvm
check_media
prepare_storage
trap 'stop_windows TERM' TERM
trap 'stop_windows HUP' HUP
trap 'stop_windows QUIT' QUIT
show 'Initializing network'
check_network
set_up_network
show 'Configuring boot'
boot_windows
