/**
 * Configures a guest's cards, and its list of names, as root and in one go. POSIX sh with ip(8); it looks at what manages
 * the network there, leaves the settings where that finds them after a restart, and applies them at once. Repeating it
 * changes nothing.
 *
 * Arguments: the lines for /etc/hosts, or `-` to leave it; 1 when the host name is to belong to a card; the host name;
 * then for each card five words: MAC, address or `dhcp`, prefix, netmask (IPv4), a UUID for NetworkManager.
 *
 * It says `card MAC DEVICE` for each card that is configured, and `problem TEXT` for what people should know.
 */
export const guestNetworkScript = String.raw`
set -u
export LC_ALL=C
hosts=$1 owns=$2 hostname=$3
shift 3

find_device() {
  for one in /sys/class/net/*; do
    [ -e "$one/device" ] || continue
    read -r have <"$one/address" || continue
    [ "$have" = "$1" ] || continue
    device=${'$'}{one##*/}
    return 0
  done
  return 1
}

# A card that was just plugged in takes a moment to show up.
await_device() {
  tries=0
  until find_device "$1"; do
    tries=$((tries + 1))
    [ $tries -gt 100 ] && return 1
    sleep 0.1
  done
}

replace_file() { # PATH MODE, content from stdin; true when it was changed
  new=$(cat; echo .)
  new=${'$'}{new%.}
  if [ -f "$1" ]; then
    old=$(cat "$1"; echo .)
    [ "${'$'}{old%.}" = "$new" ] && return 1
  fi
  ( umask 077; printf '%s' "$new" >"$1.kiln-new" ) && chmod "$2" "$1.kiln-new" && mv "$1.kiln-new" "$1"
}

block() { # FILE: without what Kiln has put there
  [ -f "$1" ] && sed '/^# kiln: begin$/,/^# kiln: end$/d' "$1"
  return 0
}

has_address() { ip -o address show dev "$device" 2>/dev/null | grep -qF " $address/$prefix "; }

await_address() {
  [ "$address" = dhcp ] && return 0
  tries=0
  until has_address; do
    tries=$((tries + 1))
    if [ $tries -gt "$1" ]; then
      by_hand
      return
    fi
    sleep 0.1
  done
}

by_hand() {
  ip link set dev "$device" up
  if [ "$address" = dhcp ]; then
    for client in "dhclient -nw" "dhcpcd -b" "udhcpc -b -i"; do
      command -v ${'$'}{client%% *} >/dev/null 2>&1 || continue
      $client "$device" >/dev/null 2>&1 && return 0
    done
    echo "problem $device asks for no address: the machine has no DHCP client"
    return 0
  fi
  has_address && return 0
  case $address in
    *:*) ip address replace "$address/$prefix" dev "$device" nodad ;;
    *) ip address replace "$address/$prefix" dev "$device" ;;
  esac || echo "problem $device could not be given the address $address"
}

manager=none
if command -v netplan >/dev/null 2>&1 && [ -d /etc/netplan ]; then manager=netplan
elif [ -e /run/systemd/netif/state ] && command -v networkctl >/dev/null 2>&1; then manager=networkd
elif command -v nmcli >/dev/null 2>&1 && [ -d /run/NetworkManager ]; then manager=networkmanager
elif command -v ifup >/dev/null 2>&1 && { [ -f /etc/network/interfaces ] || [ -d /etc/network ]; }; then manager=ifupdown
elif command -v ifup >/dev/null 2>&1 && [ -d /etc/sysconfig/network-scripts ]; then manager=scripts
fi

# What an earlier start has left, of cards that are no more.
wanted=" "
for word in "$@"; do wanted="$wanted$word "; done
for file in /etc/systemd/network/70-kiln-*.network /etc/NetworkManager/system-connections/kiln-*.nmconnection; do
  [ -e "$file" ] || continue
  mac=${'$'}{file##*kiln-}
  mac=$(echo "${'$'}{mac%%.*}" | sed 's/../&:/g; s/:$//')
  case $wanted in *" $mac "*) ;; *) rm -f "$file" ;; esac
done

configure_networkd() {
  case $address in dhcp) what=DHCP=yes ;; *) what=Address=$address/$prefix ;; esac
  printf '[Match]\nMACAddress=%s\n[Link]\nRequiredForOnline=no\n[Network]\n%s\nIPv6AcceptRA=%s\nIPv6DuplicateAddressDetection=0\n[DHCPv4]\nClientIdentifier=mac\nUseRoutes=yes\nRouteMetric=4096\n' \
    "$mac" "$what" "$ra" | replace_file "/etc/systemd/network/70-kiln-$plain.network" 644 && changed=1
}

configure_networkmanager() {
  file=/etc/NetworkManager/system-connections/kiln-$plain.nmconnection
  case $address in
    dhcp) four='method=auto' six='method=auto' ;;
    *:*) four='method=disabled' six="method=manual
address1=$address/$prefix" ;;
    *) four="method=manual
address1=$address/$prefix" six='method=link-local' ;;
  esac
  if printf '[connection]\nid=kiln-%s\nuuid=%s\ntype=ethernet\nautoconnect=true\nautoconnect-priority=10\n[ethernet]\nmac-address=%s\n[ipv4]\n%s\nnever-default=true\n[ipv6]\n%s\nnever-default=true\n' \
    "$plain" "$uuid" "$mac" "$four" "$six" | replace_file "$file" 600; then
    nmcli connection load "$file" >/dev/null 2>&1
    nmcli -w 10 connection up "kiln-$plain" >/dev/null 2>&1
  fi
}

plan=
plan_netplan() {
  case $address in dhcp) what='      dhcp4: true
      dhcp4-overrides: {route-metric: 4096}' ;; *) what="      addresses: [\"$address/$prefix\"]" ;; esac
  plan="$plan    kiln$plain:
      match: {macaddress: \"$mac\"}
      optional: true
$what
"
}

apply_netplan() {
  if [ -z "$plan" ]; then
    rm -f /etc/netplan/70-kiln.yaml
    return 0
  fi
  printf 'network:\n  version: 2\n  ethernets:\n%s' "$plan" | replace_file /etc/netplan/70-kiln.yaml 600 || return 0
  # The generator alone takes a fraction of what netplan does, which loads Python.
  for generator in /usr/libexec/netplan/generate /lib/netplan/generate; do
    [ -x $generator ] && $generator && break
  done
  if [ -e /run/systemd/netif/state ]; then networkctl reload >/dev/null 2>&1 || netplan apply; else netplan apply; fi
}

stanzas=
plan_ifupdown() {
  case $address in
    dhcp) what="inet dhcp" ;;
    *:*) what="inet6 static
    address $address
    netmask $prefix" ;;
    *) what="inet static
    address $address
    netmask $netmask" ;;
  esac
  stanzas="${'$'}{stanzas}auto $device
iface $device $what
"
}

apply_ifupdown() {
  file=/etc/network/interfaces
  {
    block $file
    [ -n "$stanzas" ] && printf '# kiln: begin\n%s# kiln: end\n' "$stanzas"
  } | replace_file $file 644 && changed=1
}

configure_scripts() {
  case $address in
    dhcp) what='BOOTPROTO=dhcp
DEFROUTE=no' ;;
    *:*) what="BOOTPROTO=none
IPV6INIT=yes
IPV6ADDR=$address/$prefix" ;;
    *) what="BOOTPROTO=none
IPADDR=$address
PREFIX=$prefix" ;;
  esac
  printf 'DEVICE=%s\nHWADDR=%s\nONBOOT=yes\n%s\n' "$device" "$mac" "$what" |
    replace_file "/etc/sysconfig/network-scripts/ifcfg-$device" 644 && {
    ifdown "$device" >/dev/null 2>&1
    ifup "$device" >/dev/null 2>&1
  }
}

changed=0
each() { # FUNCTION, then the cards
  act=$1
  shift
  while [ $# -ge 5 ]; do
    mac=$1 address=$2 prefix=$3 netmask=$4 uuid=$5
    plain=$(echo "$mac" | tr -d :)
    ra=no
    [ "$address" = dhcp ] && ra=yes
    shift 5
    if await_device "$mac"; then $act; else echo "problem the card $mac has not shown up"; fi
  done
}

configure() {
  case $manager in
    netplan) plan_netplan ;;
    networkd) configure_networkd ;;
    networkmanager) configure_networkmanager ;;
    ifupdown) plan_ifupdown ;;
    scripts) configure_scripts ;;
    none) by_hand ;;
  esac
}

settle() {
  if [ $manager = ifupdown ] && [ $changed = 1 ]; then
    ifdown --force "$device" >/dev/null 2>&1 || ifdown -f "$device" >/dev/null 2>&1
    ip address flush dev "$device" 2>/dev/null
    ifup "$device" >/dev/null 2>&1
  fi
  await_address 30
  echo "card $mac $device"
}

if [ $# -gt 0 ]; then
  each configure "$@"
  case $manager in
    netplan) apply_netplan ;;
    networkd) [ $changed = 1 ] && { networkctl reload >/dev/null 2>&1 || systemctl restart systemd-networkd; } ;;
    ifupdown) apply_ifupdown ;;
    none) echo "problem nothing in the machine that Kiln knows manages its network: its addresses are gone after a restart" ;;
  esac
  each settle "$@"
fi

if [ "$hosts" != - ]; then
  [ -f /etc/hosts ] || printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts
  {
    if [ "$owns" = 1 ]; then block /etc/hosts | grep -vE "^127\.0\.[01]\.1[[:space:]]+$hostname([[:space:]]|\$)"; else block /etc/hosts; fi
    [ -n "$hosts" ] && printf '# kiln: begin\n%s\n# kiln: end\n' "$hosts"
  } >/etc/hosts.kiln-new
  # In place: in containers the file is a mount.
  cmp -s /etc/hosts.kiln-new /etc/hosts || cat /etc/hosts.kiln-new >/etc/hosts
  rm -f /etc/hosts.kiln-new
fi
exit 0
`;
