import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { posixCommand } from '../../guests/guest-path.ts';
import type { Facts } from '../../plan/profile.ts';
import type { Platform } from '../compile/compiled-profile.ts';

/** What a machine is, as far as conditions and compiling need it. */
export interface GatheredFacts {
  /** Of a tree that is not a machine yet there are only those that the machine will have too. */
  readonly facts: Facts;
  /** The number of the user that commands run as. */
  readonly user: number;
  readonly manager: Platform['manager'] | undefined;
  readonly init: Platform['init'];
}

/** Prints a line for each fact: name, tab, value. Any POSIX shell, no rights needed, nothing is written. */
export const factsScript = `
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fact() { printf '%s\\t%s\\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
for file in /etc/os-release /usr/lib/os-release; do
  [ -r "$file" ] || continue
  ID= VERSION_ID= VERSION_CODENAME=
  while IFS='=' read -r key value; do
    value=\${value#[\\"\\']}
    value=\${value%[\\"\\']}
    case $key in
      ID) ID=$value ;;
      VERSION_ID) VERSION_ID=$value ;;
      VERSION_CODENAME) VERSION_CODENAME=$value ;;
    esac
  done <"$file"
  fact os.distribution "$ID"
  fact os.release "$VERSION_ID"
  fact os.codename "$VERSION_CODENAME"
  break
done
if has dpkg; then fact architecture "$(dpkg --print-architecture)"; else fact machine "$(uname -m)"; fi
fact hostname "$(uname -n)"
fact kernel "$(uname -r)"
container=false
if [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -s /run/systemd/container ]; then container=true; fi
fact container "$container"
booted=false
if [ -d /run/systemd/system ] || [ -e /run/openrc/softlevel ]; then booted=true; fi
fact booted "$booted"
virtual=false
if grep -q '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null || [ -e /sys/hypervisor/type ]; then virtual=true; fi
for file in /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name; do
  read -r value 2>/dev/null <"$file" || continue
  case $value in *QEMU* | *KVM* | *VMware* | *VirtualBox* | *Xen* | *'Virtual Machine'* | *OpenStack* | *Bochs*) virtual=true ;; esac
done
fact virtual "$virtual"
fact cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo 2>/dev/null)"
while read -r key value unit; do
  [ "$key" != MemTotal: ] || fact memory "$((value * 1024))"
done </proc/meminfo
fact user "$(id -u)"
for manager in apt-get dnf zypper apk; do
  has "$manager" && fact manager "$manager" && break
done
if has systemctl; then fact init systemd; elif has rc-update; then fact init openrc; else fact init none; fi
`;

/** uname's words for Debian's, where dpkg is not there to ask. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'armhf',
  armv6l: 'armel',
  i386: 'i386',
  i686: 'i386',
  ppc64le: 'ppc64el',
  riscv64: 'riscv64',
  s390x: 's390x',
};

/** Facts of the machine that builds, and not of the one that a tree becomes. */
const ofTheHost = ['hostname', 'kernel', 'virtual', 'cpus', 'memory'];

/** What `factsScript` has printed. */
export function parseFacts(lines: readonly string[]): GatheredFacts {
  const found = new Map<string, string>();
  for (const line of lines) {
    const [name, ...rest] = line.split('\t');
    if (name !== undefined && rest.length > 0) found.set(name, rest.join('\t').trim());
  }
  const facts: Record<string, string | number | boolean> = {};
  const set = (name: string, value: string | number | boolean | undefined) => {
    if (value !== undefined && value !== '') facts[name] = value;
  };
  const machine = found.get('machine');
  for (const name of ['os.distribution', 'os.release', 'hostname']) set(name, found.get(name));
  facts['os.codename'] = found.get('os.codename') ?? '';
  set('architecture', found.get('architecture') ?? (machine && (architectures[machine] ?? machine)));
  set('kernel', found.get('kernel')?.replace(/-.*$/, ''));
  for (const name of ['container', 'booted', 'virtual']) facts[name] = found.get(name) === 'true';
  for (const name of ['cpus', 'memory']) {
    const value = Number(found.get(name));
    if (value > 0) facts[name] = value;
  }
  if (!facts['booted'] && !facts['container']) for (const name of ofTheHost) delete facts[name];
  const managers = { 'apt-get': 'apt', dnf: 'dnf', zypper: 'zypper', apk: 'apk' } as const;
  const init = found.get('init');
  return {
    facts,
    user: Number(found.get('user') ?? 0),
    manager: managers[found.get('manager') as keyof typeof managers],
    init: init === 'systemd' || init === 'openrc' ? init : 'none',
  };
}

/** Asks a machine for its facts, in one go. @throws KilnError `step-failed`, `guest-disconnected`, `cancelled` */
export async function gatherFacts(
  guest: Guest,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<GatheredFacts> {
  const lines: string[] = [];
  const words: string[] = [];
  const exit = await guest.exec({
    command: posixCommand(factsScript),
    onLine: (line, stream) => void (stream === 'stdout' ? lines : words).push(line),
    ...(signal ? { signal } : {}),
  });
  if (exit.kind === 'disconnected') {
    throw new KilnError('guest-disconnected', 'the connection broke while facts were gathered');
  }
  if (exit.kind !== 'exited' || exit.code !== 0) {
    throw new KilnError(
      'step-failed',
      `facts could not be gathered: ${words.join('\n') || 'no reason was given'}`,
      {
        hint: 'profiles need a machine with a POSIX shell at /bin/sh',
      },
    );
  }
  return parseFacts(lines);
}
