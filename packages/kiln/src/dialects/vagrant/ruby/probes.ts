import { totalmem } from 'node:os';
import { type HostFacts, hostFacts } from './host-facts.ts';

/**
 * What a command that only asks about the host would print, for the handful that Vagrantfiles ask again and again.
 * Kiln knows the answer, so that nothing has to be run. Undefined for every other command.
 */
export function answerProbe(command: string): string | undefined {
  const text = command
    .replaceAll(/\s*2>\s*(?:\/dev\/null|&1)/g, '')
    .trim()
    .replaceAll(/\s+/g, ' ');
  const facts = hostFacts();
  const line = fixedAnswer(text, facts) ?? unameAnswer(text, facts) ?? memoryAnswer(text);
  return line === undefined ? undefined : `${line}\n`;
}

function fixedAnswer(text: string, facts: HostFacts): string | undefined {
  switch (text) {
    case 'nproc':
    case 'getconf _NPROCESSORS_ONLN':
    case 'grep -c ^processor /proc/cpuinfo':
    case "grep -c '^processor' /proc/cpuinfo":
    case "cat /proc/cpuinfo | grep 'processor' | wc -l":
    case 'cat /proc/cpuinfo | grep processor | wc -l':
    case 'sysctl -n hw.ncpu':
    case 'sysctl -n hw.logicalcpu':
    case 'sysctl -n hw.physicalcpu':
      return String(facts.cpus);
    case 'hostname':
    case 'hostname -f':
    case 'uname -n':
      return facts.hostname;
    case 'hostname -s':
      return facts.hostname.split('.')[0];
    case 'whoami':
    case 'id -un':
    case 'id -u -n':
      return facts.user;
    case 'id -u':
      return String(facts.uid);
    case 'id -g':
      return String(facts.gid);
    default:
      return undefined;
  }
}

function unameAnswer(text: string, { uname }: HostFacts): string | undefined {
  const options = /^uname(?: -([amnrsv]+))?$/.exec(text);
  if (options === null) return undefined;
  const letters = options[1] ?? 's';
  if (letters.includes('a'))
    return `${uname.sysname} ${uname.nodename} ${uname.release} ${uname.version} ${uname.machine}`;
  const parts = { s: uname.sysname, n: uname.nodename, r: uname.release, v: uname.version, m: uname.machine };
  return [...'snrvm']
    .filter((letter) => letters.includes(letter))
    .map((letter) => parts[letter as keyof typeof parts])
    .join(' ');
}

/** The host's memory, which people give a part of to their machines. */
function memoryAnswer(text: string): string | undefined {
  const bytes = totalmem();
  if (/^sysctl -n hw\.memsize$/.test(text)) return String(bytes);
  const kilobytes = Math.floor(bytes / 1024);
  if (/^grep '?MemTotal'? \/proc\/meminfo \| sed -e 's\/MemTotal:\/\/' -e 's\/ kB\/\/'$/.test(text))
    return String(kilobytes);
  if (/^awk '\/MemTotal\/ ?\{ ?print \$2 ?\}' \/proc\/meminfo$/.test(text)) return String(kilobytes);
  if (/^grep MemTotal \/proc\/meminfo \| awk '\{ ?print \$2 ?\}'$/.test(text)) return String(kilobytes);
  return undefined;
}
