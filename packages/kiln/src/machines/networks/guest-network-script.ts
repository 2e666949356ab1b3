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

# In an emulated machine starting a program takes longer than all that the shell does by itself.
read_file() { # PATH: its text, and its text without what Kiln has put there
  text= without= inside=0
  [ -f "$1" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    text="$text$line
"
    case $line in
      '# kiln: begin') inside=1 ;;
      '# kiln: end') inside=0 ;;
      *) [ $inside = 1 ] || without="$without$line
" ;;
    esac
  done <"$1"
}

replace_file() { # PATH UMASK TEXT: true when it was something else
  read_file "$1"
  [ "$text" = "$3" ] && return 1
  ( umask "$2"; printf '%s' "$3" >"$1.kiln-new" ) && mv "$1.kiln-new" "$1"
}

has_address() {
  case $(ip -o address show dev "$device" 2>/dev/null) in *" $address/$prefix "*) return 0 ;; *) return 1 ;; esac
}

await_address() {
  [ "$address" = dhcp ] && return 0
  tries=0
  until has_address; do
    tries=$((tries + 1))
    if [ $tries -gt "$1" ]; then
      by_hand
      return
    fi
    sleep 0.05
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
  replace_file "/etc/systemd/network/70-kiln-$plain.network" 022 "[Match]
MACAddress=$mac
[Link]
RequiredForOnline=no
[Network]
$what
IPv6AcceptRA=$ra
IPv6DuplicateAddressDetection=0
[DHCPv4]
ClientIdentifier=mac
UseRoutes=yes
RouteMetric=4096
" && changed=1
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
  if replace_file "$file" 077 "[connection]
id=kiln-$plain
uuid=$uuid
type=ethernet
autoconnect=true
autoconnect-priority=10
[ethernet]
mac-address=$mac
[ipv4]
$four
never-default=true
[ipv6]
$six
never-default=true
"; then
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
  replace_file /etc/netplan/70-kiln.yaml 077 "network:
  version: 2
  ethernets:
$plan" || return 0
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
  read_file $file
  [ -z "$stanzas" ] || without="$without# kiln: begin
$stanzas# kiln: end
"
  replace_file $file 022 "$without" && changed=1
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
  replace_file "/etc/sysconfig/network-scripts/ifcfg-$device" 022 "DEVICE=$device
HWADDR=$mac
ONBOOT=yes
$what
" && {
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
    plain= rest=$mac:
    while [ -n "$rest" ]; do
      plain=$plain${'$'}{rest%%:*}
      rest=${'$'}{rest#*:}
    done
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
  await_address 60
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
  read_file /etc/hosts
  [ -n "$without" ] || without="127.0.0.1 localhost
::1 localhost
"
  kept=
  while IFS= read -r line; do
    if [ "$owns" = 1 ]; then
      case $line in
        127.0.[01].1[!0-9.]*)
          case " $line " in *[!0-9A-Za-z.-]"$hostname"[!0-9A-Za-z.-]*) continue ;; esac ;;
      esac
    fi
    kept="$kept$line
"
  done <<EOF
$without
EOF
  # The last newline is there twice.
  kept=${'$'}{kept%?}
  [ -z "$hosts" ] || kept="$kept# kiln: begin
$hosts
# kiln: end
"
  # In place: in containers the file is a mount.
  [ "$kept" = "$text" ] || printf '%s' "$kept" >/etc/hosts
fi
exit 0
`;
