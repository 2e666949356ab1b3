import { randomBytes } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { rootCommand } from '../as-root.ts';
import type { HostKey } from './host-keys.ts';

/** What makes a copy a machine of its own. */
export interface Identity {
  /** Undefined: it keeps the name that its image has. */
  readonly hostname?: string;
  readonly mac: string;
  /** The card's address until now, by which the card is found. */
  readonly oldMac: string;
  readonly hostKeys: readonly HostKey[];
  /** Of a machine that takes Kiln's seed: who may log in, and what tells it from all others. */
  readonly seed?: { readonly authorizedKey: string; readonly instance: string };
}

/** Set by the script when nothing in the machine can make the kernel draw new random numbers. */
const cannotReseed = 97;

/**
 * Run as root by a copy before anybody can reach it; the input is what `identityInput` writes. POSIX sh, and as little
 * else as can be: in an emulated machine starting a program takes longer than everything this does by itself.
 */
export const identityScript = String.raw`
IFS= read -r seed
IFS= read -r now
IFS= read -r name
IFS= read -r machine
IFS= read -r old
IFS= read -r new
IFS= read -r is_seeded
# Other numbers than every other copy: the kernel goes on with the old state for a minute unless it is told
# (random(4): RNDADDENTROPY, RNDRESEEDCRNG).
printf %s "$seed" >/dev/urandom
if command -v perl >/dev/null 2>&1; then
  perl -e '$s=shift; open F,">","/dev/urandom" or exit 97; ioctl(F,0x40085203,pack("iia*",256,length $s,$s)); ioctl(F,0x5207,0); exit 0' "$seed" || exit 97
elif command -v python3 >/dev/null 2>&1; then
  python3 -c 'import fcntl,struct,sys
s=sys.argv[1].encode()
f=open("/dev/urandom","wb",0)
fcntl.ioctl(f,0x40085203,struct.pack("ii",256,len(s))+s)
try: fcntl.ioctl(f,0x5207)
except OSError: pass' "$seed" || exit 97
elif ! ls /sys/bus/*/drivers/vmgenid/*:* >/dev/null 2>&1; then exit 97
fi
date -u -s "@$now" >/dev/null || exit 1
if [ -n "$name" ]; then
  printf '%s\n' "$name" >/proc/sys/kernel/hostname
  printf '%s\n' "$name" >/etc/hostname
  hosts=
  while IFS= read -r line <&5 || [ -n "$line" ]; do
    case $line in
      127.0.1.1[!0-9.]*) ;;
      *) hosts="$hosts$line
" ;;
    esac
  done 5</etc/hosts
  printf '%s127.0.1.1 %s\n' "$hosts" "$name" >/etc/hosts
fi
[ ! -e /etc/machine-id ] || printf '%s\n' "$machine" >/etc/machine-id
[ ! -f /var/lib/dbus/machine-id ] || [ -L /var/lib/dbus/machine-id ] || printf '%s\n' "$machine" >/var/lib/dbus/machine-id
cd /sys/class/net
for card in *; do
  read -r address <"$card/address" || continue
  [ "$address" = "$old" ] || continue
  if command -v ip >/dev/null 2>&1; then
    ip link set dev "$card" address "$new" 2>/dev/null ||
      { ip link set dev "$card" down; ip link set dev "$card" address "$new"; ip link set dev "$card" up; } || exit 1
  else ifconfig "$card" hw ether "$new" || exit 1; fi
done
while IFS=' ' read -r mode lines path; do
  case $mode in 600) umask 077 ;; *) umask 022 ;; esac
  while [ "$lines" -gt 0 ]; do
    IFS= read -r line || exit 1
    printf '%s\n' "$line"
    lines=$((lines - 1))
  done >"$path" || exit 1
done
[ "$is_seeded" = 0 ] || exit 0
# What was set up by the card's address at the first boot would not find it at the next.
grep -liF "$old" /etc/netplan/*.yaml /etc/network/interfaces /etc/network/interfaces.d/* /etc/systemd/network/* \
  /etc/sysconfig/network-scripts/ifcfg-* /etc/NetworkManager/system-connections/* \
  /etc/udev/rules.d/70-persistent-net.rules 2>/dev/null |
  while IFS= read -r file; do sed -i "s/$old/$new/Ig" "$file"; done
exit 0
`;

export function identityInput(identity: Identity): string {
  const { hostname = '', mac, oldMac, hostKeys, seed } = identity;
  const files: (readonly [path: string, mode: string, text: string])[] = hostKeys.flatMap((key) => [
    [key.file, '600', key.privateKey],
    [`${key.file}.pub`, '644', key.publicKey],
  ]);
  if (seed) {
    files.push(['/run/kiln/authorized_keys', '644', seed.authorizedKey]);
    files.push(['/var/lib/kiln/instance', '644', seed.instance]);
  }
  return [
    randomBytes(48).toString('base64'),
    (Date.now() / 1000).toFixed(3),
    hostname,
    randomBytes(16).toString('hex'),
    oldMac,
    mac,
    seed ? '1' : '0',
    ...files.flatMap(([path, mode, text]) => {
      const lines = text.trimEnd().split('\n');
      return [`${mode} ${lines.length} ${path}`, ...lines];
    }),
    '',
  ].join('\n');
}

/**
 * Gives a copy its own identity.
 * @param guest as root, when it is the agent
 * @throws KilnError `unsupported` when the machine cannot be made to draw new random numbers, `step-failed`,
 *   `guest-disconnected`, `cancelled`
 */
export async function giveIdentity(guest: Guest, identity: Identity, signal: AbortSignal): Promise<void> {
  const words: string[] = [];
  const exit = await guest.exec({
    command: guest.kind === 'agent' ? identityScript : rootCommand(identityScript),
    input: identityInput(identity),
    onLine: (line) => words.push(line),
    signal,
  });
  if (exit.kind === 'exited' && exit.code === 0) return;
  if (exit.kind === 'exited' && exit.code === cannotReseed) {
    throw new KilnError('unsupported', 'nothing in the machine can make it draw new random numbers');
  }
  if (exit.kind === 'disconnected')
    throw new KilnError(
      'guest-disconnected',
      'the agent broke off while the machine was made one of its own',
    );
  const why =
    words.slice(-3).join('; ') || `it ended with ${exit.kind === 'exited' ? exit.code : exit.signal}`;
  throw new KilnError('step-failed', `the machine could not be made one of its own: ${why}`);
}
