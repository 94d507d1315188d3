# NAT between the container and Windows as dockur makes it, sourced by entry.sh: bridge, tap, DHCP for one address, and
# every port but the reserved ones handed to Windows. Without the rights for it: user mode, as dockur falls back to.
# shellcheck shell=bash disable=SC2034,SC2154 # one program in several files: variables go from one to another
uplink=${DEV:-eth0}

set_up_network() {
  own=$(ip -4 -o addr show "$uplink" 2>/dev/null | awk '{ print $4 }' | head -n 1)
  own=${own:-127.0.0.1/8}
  mac=${MAC:-}
  [ -s "$STORAGE/windows.mac" ] && mac=$(cat "$STORAGE/windows.mac")
  [ -n "$mac" ] || mac=$(od -An -N5 -tx1 /dev/urandom | tr 'a-f' 'A-F' | sed 's/ /:/g; s/^/02/')
  printf '%s\n' "$mac" >"$STORAGE/windows.mac"
  third=$(echo "$own" | cut -d. -f3) fourth=$(echo "$own" | cut -d. -f4 | cut -d/ -f1)
  if is5; then guest=172.30.$third.$fourth; else guest=172.30.$third.2; fi
  mode=NAT
  case ${NETWORK:-} in
  user | passt | slirp) mode='User (passt)' ;;
  *)
    if ! nat; then
      warn 'failed to setup NAT networking, falling back to user-mode networking!'
      mode='User (passt)'
    fi
    ;;
  esac
  if [ "$mode" = NAT ]; then
    net="-netdev tap,id=hostnet0,ifname=qemu,script=no,downscript=no"
  else
    guest=${own%/*}
    net="-netdev user,id=hostnet0"
    for port in $(echo "3389,${USER_PORTS:-}" | tr ',' ' '); do net="$net,hostfwd=tcp::$port-:$port"; done
  fi
  if ! is5; then
    plain ''
    plain "❯ Host: $own ($(cat /etc/hostname))  |  DNS: $(sed -n 's/^nameserver //p' /etc/resolv.conf | head -n 1)"
    plain "❯ Guest: $guest (Windows)  |  Mode: $mode  |  MAC: $mac"
    plain ''
    printf '%s\n' "$guest" >/run/shm/qemu.ip
    printf 'http://%s\n' "$guest" >/run/shm/qemu.url
  fi
  if [ "$mode" != NAT ]; then
    info 'Notice: because user-mode networking is active, when you need to forward custom ports to Windows, add them to the "USER_PORTS" variable.'
  fi
}

nat() {
  [ -c /dev/net/tun ] || {
    warn 'TUN device is missing. Please add the following setting to your container: --device /dev/net/tun'
    return 1
  }
  ip link add dev docker type bridge 2>/dev/null || {
    warn 'failed to create bridge. Please add the following setting to your container: --cap-add NET_ADMIN'
    return 1
  }
  gateway=172.30.$third.1
  if [ "$gateway" = "$guest" ]; then gateway=172.30.$third.254; fi
  ip addr add "$gateway/24" dev docker && ip link set docker up && ip tuntap add dev qemu mode tap &&
    ip link set qemu up promisc on master docker || return 1
  reserved=5900,8006
  if is5; then reserved=5700,5900,7100,8006,8004; fi
  reserved=$reserved${HOST_PORTS:+,$HOST_PORTS}
  # The kernel of the host decides which of the two works.
  for tables in iptables-nft iptables-legacy; do
    if "$tables" -t nat -A POSTROUTING -o "$uplink" -j MASQUERADE 2>/run/shm/tables.log &&
      "$tables" -t nat -A PREROUTING -i "$uplink" -p tcp -m multiport ! --dports "$reserved" -j DNAT --to "$guest" 2>>/run/shm/tables.log &&
      "$tables" -t nat -A PREROUTING -i "$uplink" -p udp -j DNAT --to "$guest" 2>>/run/shm/tables.log; then
      dnsmasq --no-resolv --no-ping --bind-interfaces --interface=docker --except-interface=lo --pid-file=/run/dnsmasq.pid \
        --dhcp-range="$guest,$guest,infinite" --dhcp-leasefile=/var/lib/misc/dnsmasq.leases \
        --dhcp-option=option:router,"$gateway" --address="/host.lan/$gateway" --user=root && return 0
      warn 'Failed to start Dnsmasq'
      return 1
    fi
  done
  warn "Failed to configure IP tables: $(tail -n 1 /run/shm/tables.log)"
  return 1
}
