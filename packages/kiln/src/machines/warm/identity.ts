import { randomBytes } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
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

/** How long a machine may take for it, in milliseconds. */
const longest = 120_000;

/** Set by the script when nothing in the machine can make the kernel draw new random numbers. */
const cannotReseed = 97;

/**
 * Makes the kernel draw other random numbers than every other copy, which it would not do for a minute (random(4):
 * RNDADDENTROPY, RNDRESEEDCRNG), sets the clock, and gives the card its address (netdevice(7): SIOCSIFHWADDR). All in
 * one program where Perl is (the number of clock_settime is that of x86-64): in an emulated machine starting one takes longer than everything it does.
 */
const perl = [
  '$s=$ENV{KILN_SEED};open F,">","/dev/urandom" or exit 97;syswrite F,$s;',
  'ioctl(F,0x40085203,pack("iia*",256,length $s,$s));ioctl(F,0x5207,0);',
  '($t,$n)=split /\\./,$ENV{KILN_NOW};exit 98 if length pack("J",0)!=8||syscall(227,0,pack("qq",$t,$n*1000000));',
  'exit 0 if $ENV{KILN_CARD} eq "";socket(S,2,2,0);',
  '($m=$ENV{KILN_MAC})=~s/://g;',
  'exit 99 unless ioctl(S,0x8924,pack("a16Sa14",$ENV{KILN_CARD},1,pack("H*",$m)));',
].join('');

const python = [
  'import fcntl,os',
  's=os.environ["KILN_SEED"].encode()',
  'import struct',
  'f=open("/dev/urandom","wb",0)',
  'f.write(s)',
  'fcntl.ioctl(f,0x40085203,struct.pack("ii",256,len(s))+s)',
  'try: fcntl.ioctl(f,0x5207)',
  'except OSError: pass',
].join('\n');

/** POSIX sh. `card`, `old` and `new` are set, and KILN_SEED, KILN_NOW and KILN_MAC in the environment. */
const essentials = `
export KILN_CARD=
cd /sys/class/net
for card in *; do
  read -r address <"$card/address" || continue
  if [ "$address" = "$old" ] && [ "$old" != "$new" ]; then KILN_CARD=$card; fi
done
cd /
done=
if command -v perl >/dev/null 2>&1; then
  perl -e ${shellQuote(perl)}
  code=$?
  case $code in 0) done=1 ;; 97) exit ${cannotReseed} ;; esac
elif command -v python3 >/dev/null 2>&1; then
  python3 -c ${shellQuote(python)} || exit ${cannotReseed}
else
  ls /sys/bus/*/drivers/vmgenid/*:* >/dev/null 2>&1 || exit ${cannotReseed}
  printf %s "$KILN_SEED" >/dev/urandom
fi
if [ -z "$done" ]; then
  date -u -s "@$KILN_NOW" >/dev/null || exit 1
  if [ -z "$KILN_CARD" ]; then :
  elif command -v ip >/dev/null 2>&1; then
    ip link set dev "$KILN_CARD" address "$new" 2>/dev/null ||
      { ip link set dev "$KILN_CARD" down; ip link set dev "$KILN_CARD" address "$new"; ip link set dev "$KILN_CARD" up; } ||
      exit 1
  else ifconfig "$KILN_CARD" hw ether "$new" || exit 1; fi
fi
`;

const ownName = `
printf '%s\\n' "$name" >/proc/sys/kernel/hostname
printf '%s\\n' "$name" >/etc/hostname
hosts=
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    127.0.1.1[!0-9.]*) ;;
    *) hosts="$hosts$line
" ;;
  esac
done </etc/hosts
printf '%s127.0.1.1 %s\\n' "$hosts" "$name" >/etc/hosts
`;

const ownMachineId = `
[ ! -e /etc/machine-id ] || printf '%s\\n' "$machine" >/etc/machine-id
[ ! -f /var/lib/dbus/machine-id ] || [ -L /var/lib/dbus/machine-id ] || printf '%s\\n' "$machine" >/var/lib/dbus/machine-id
`;

/** What was set up by the card's address at the first boot would not find it at the next. */
const renameCard = `
[ "$old" = "$new" ] || grep -liF "$old" /etc/netplan/*.yaml /etc/network/interfaces /etc/network/interfaces.d/* \\
  /etc/systemd/network/* /etc/sysconfig/network-scripts/ifcfg-* /etc/NetworkManager/system-connections/* \\
  /etc/udev/rules.d/70-persistent-net.rules 2>/dev/null |
  while IFS= read -r file; do sed -i "s/$old/$new/Ig" "$file"; done
`;

/** Changes whenever the scripts do. */
export const identityFormat = essentials + ownName + ownMachineId + renameCard;

/** Run as root by a machine that goes back to a state that it, or another, has gone on from before. */
export function refreshScript(): string {
  return [`old= new=`, surprise(), essentials].join('\n');
}

/** Random bytes and the time, for `essentials`. */
function surprise(): string {
  const now = (Date.now() / 1000).toFixed(3);
  return `export KILN_SEED=${randomBytes(48).toString('base64')} KILN_NOW=${now} KILN_MAC="$new"`;
}

/** One POSIX script, to be run as root before anybody can reach the machine. */
export function identityScript(identity: Identity): string {
  const { hostname, mac, oldMac, hostKeys, seed } = identity;
  const files: (readonly [path: string, mask: string, text: string])[] = hostKeys.flatMap((key) => [
    [key.file, '077', key.privateKey],
    [`${key.file}.pub`, '022', key.publicKey],
  ]);
  if (seed) {
    files.push(['/run/kiln/authorized_keys', '022', seed.authorizedKey]);
    files.push(['/var/lib/kiln/instance', '022', seed.instance]);
  }
  return [
    `old=${shellQuote(oldMac)} new=${shellQuote(mac)}`,
    surprise(),
    essentials,
    ...(hostname === undefined ? [] : [`name=${shellQuote(hostname)}`, ownName]),
    `machine=${randomBytes(16).toString('hex')}`,
    ownMachineId,
    ...files.map(
      ([path, mask, text]) =>
        `umask ${mask}; printf '%s\\n' ${shellQuote(text.trimEnd())} >${path} || exit 1`,
    ),
    ...(seed ? [] : [renameCard]),
    'exit 0',
  ].join('\n');
}

/**
 * Has the script run.
 * @throws KilnError `unsupported` when the machine cannot be made to draw new random numbers, `step-failed`,
 *   `guest-disconnected`, `cancelled`
 */
export async function giveIdentity(
  guest: Pick<Guest, 'exec'>,
  command: string,
  signal: AbortSignal,
): Promise<void> {
  const words: string[] = [];
  const limit = AbortSignal.timeout(longest);
  const exit = await guest
    .exec({
      command,
      onLine: (line) => words.length < 100 && words.push(line.slice(0, 200)),
      signal: AbortSignal.any([signal, limit]),
    })
    .catch((error: unknown) => {
      if (!limit.aborted || signal.aborted) throw error;
      throw new KilnError('guest-unreachable', 'the machine took too long to become one of its own');
    });
  if (exit.kind === 'exited' && exit.code === 0) return;
  if (exit.kind === 'exited' && exit.code === cannotReseed) {
    throw new KilnError('unsupported', 'nothing in the machine can make it draw new random numbers');
  }
  if (exit.kind === 'disconnected')
    throw new KilnError('guest-disconnected', 'the machine broke off while it was made one of its own');
  const why =
    words.slice(-3).join('; ') || `it ended with ${exit.kind === 'exited' ? exit.code : exit.signal}`;
  throw new KilnError('step-failed', `the machine could not be made one of its own: ${why}`);
}
