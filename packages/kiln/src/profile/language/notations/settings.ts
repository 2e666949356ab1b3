import { isIP } from 'node:net';
import { parseSize } from '../../../base/sizes.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';
import type { Limit } from '../../../plan/profile.ts';

/** A time zone of the IANA's database. */
export const timeZone = notation<string>({
  expected: 'a time zone such as Europe/London or UTC',
  pattern: '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$',
  allowsNumber: false,
  parse: (text) => {
    if (isTimeZone(text)) return text;
    const names = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
    // Files of time zones are told apart by capitals.
    const otherCase = names.find((name) => name.toLowerCase() === text.toLowerCase());
    return {
      problem: `there is no time zone "${text}"`,
      hint: otherCase
        ? `did you mean "${otherCase}"?`
        : (didYouMean(text, names) ??
          'a zone is like Europe/London; `timedatectl list-timezones` lists them'),
    };
  },
});

function isTimeZone(text: string): boolean {
  if (!/^[A-Z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    return false;
  }
  // Names are found in any case, which is no use in a file system; old names have no canonical one to compare with.
  const names = Intl.supportedValuesOf('timeZone');
  return names.includes(text) || !names.some((name) => name.toLowerCase() === text.toLowerCase());
}

export const locale = notation<string>({
  expected: 'a locale such as en_GB.UTF-8',
  pattern: '^(C|POSIX|C\\.[A-Za-z0-9-]+|[a-z]{2,3}_[A-Z]{2}(\\.[A-Za-z0-9-]+)?(@[a-z]+)?)$',
  allowsNumber: false,
  parse: (text) =>
    /^(?:C|POSIX|C\.[A-Za-z0-9-]+|[a-z]{2,3}_[A-Z]{2}(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?)$/.test(text)
      ? text
      : { problem: `"${text}" is not a locale`, hint: 'a locale is like en_GB.UTF-8 or C.UTF-8' },
});

export const keyboardWord = notation<string>({
  expected: 'a keyboard layout such as gb',
  pattern: '^[a-z0-9_,-]*$',
  allowsNumber: false,
  parse: (text) =>
    /^[a-z0-9_,-]{1,60}$/.test(text)
      ? text
      : {
          problem: `"${text}" is not a word for keyboards`,
          hint: 'a layout is like gb or de; man xkeyboard-config',
        },
});

export const sysctlKey = {
  what: 'a setting of the kernel',
  pattern: '^[A-Za-z0-9_*-]+([./][A-Za-z0-9_*:-]+)+$',
  expected: 'a name such as net.ipv4.ip_forward',
} as const;

export const environmentKey = {
  what: "an environment variable's name",
  pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
  expected: 'letters, digits and "_"',
} as const;

/** A text of one line: what it is written to has one line for each. */
export const oneLine = notation<string>({
  expected: 'a text of one line',
  pattern: '^.*$',
  allowsNumber: true,
  allowsSwitch: true,
  parse: (text) =>
    /[\r\n]/.test(text) ? { problem: 'the text has several lines', hint: 'write it in one' } : text,
});

export const addressKey = {
  what: 'an address',
  pattern: '^[0-9A-Fa-f:.]+$',
  expected: 'an IP address such as 192.0.2.10 or 2001:db8::10',
} as const;

export const ipAddress = notation<string>({
  expected: 'an IP address such as 192.0.2.53',
  pattern: '^[0-9A-Fa-f:.]+$',
  allowsNumber: false,
  parse: (text) =>
    isIP(text) === 0
      ? { problem: `"${text}" is not an IP address`, hint: 'an address is like 192.0.2.53 or 2001:db8::53' }
      : text,
});

export const kernelModule = notation<string>({
  expected: 'the name of a kernel module such as br_netfilter',
  pattern: '^[A-Za-z0-9_-]+$',
  allowsNumber: false,
  parse: (text) =>
    /^[\w-]{1,63}$/.test(text)
      ? text
      : { problem: `"${text}" cannot be a kernel module`, hint: 'name it as lsmod does: br_netfilter' },
});

const limitItems = [
  'core',
  'data',
  'fsize',
  'memlock',
  'nofile',
  'rss',
  'stack',
  'cpu',
  'nproc',
  'as',
  'maxlogins',
  'maxsyslogins',
  'nonewprivs',
  'priority',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'chroot',
];

/** What is wrong with a line of limits.conf(5), if anything. */
export function limitProblem(
  limit: { [K in keyof Limit]: string },
): { problem: string; hint: string } | undefined {
  const { domain, type, item, value } = limit;
  if (!/^(?:\*|[@%]?[\w.-]+|[@%]?\d*:\d*)$/.test(domain)) {
    return { problem: `"${domain}" is nobody that a limit can be for`, hint: 'write a user, @group or *' };
  }
  if (type !== 'soft' && type !== 'hard' && type !== '-') {
    return { problem: `"${type}" is no type of limit`, hint: 'write soft, hard, or - for both' };
  }
  if (!limitItems.includes(item)) {
    return {
      problem: `there is no limit "${item}"`,
      hint: didYouMean(item, limitItems) ?? `there are ${limitItems.join(', ')}`,
    };
  }
  return /^(?:-?\d+|unlimited|infinity)$/.test(value)
    ? undefined
    : { problem: `"${value}" is no value of a limit`, hint: 'write a number, or unlimited' };
}

/** Size of the swap file in bytes; 0 for none. */
export const swapSize = notation<number>({
  expected: 'a size such as 2G, or none',
  pattern: '^(none|0|\\d+(\\.\\d+)?\\s*([kKmMgGtT]([iI]?[bB])?|[bB]))$',
  allowsNumber: true,
  parse: (text) => {
    if (text === 'none' || text === '0') return 0;
    if (/^\d+$/.test(text)) return { problem: `"${text}" has no unit`, hint: `write ${text}M or ${text}G` };
    const bytes = parseSize(text);
    return bytes === undefined ? undefined : (swapSizeProblem(text, bytes) ?? bytes);
  },
});

/** Why a swap file cannot have this size. */
export function swapSizeProblem(text: string, bytes: number): NotationProblem | undefined {
  if (bytes < 1 << 20) return { problem: `${text} is too small`, hint: 'the least is 1M' };
  return bytes > 2 ** 44 ? { problem: `${text} is too large`, hint: 'the most is 16T' } : undefined;
}

const systems = [
  'debian',
  'ubuntu',
  'fedora',
  'rocky',
  'almalinux',
  'centos',
  'rhel',
  'opensuse-leap',
  'sles',
  'alpine',
  'arch',
  'kali',
  'raspbian',
  'linuxmint',
  'amzn',
  'ol',
];

/** An operating system, as `debian/12`. */
export const operatingSystem = notation<{ readonly distribution: string; readonly release: string }>({
  expected: 'a distribution and its release, such as debian/12',
  pattern: '^[a-z][a-z0-9_-]*/[A-Za-z0-9._-]+$',
  allowsNumber: false,
  parse: (text) => {
    const match = /^([a-z][a-z0-9_-]*)[/: ]([A-Za-z0-9][A-Za-z0-9._-]*)$/.exec(text);
    if (!match) {
      return systems.includes(text)
        ? { problem: `"${text}" does not say which release`, hint: `write ${text}/ and its number` }
        : undefined;
    }
    const [, distribution, release] = match;
    if (text[distribution!.length] !== '/') {
      return { problem: `"${text}" has no "/"`, hint: `write ${distribution}/${release}` };
    }
    // Others may exist too, but a name that is nearly one of these was meant to be it.
    const guess = systems.includes(distribution!) ? undefined : didYouMean(distribution!, systems);
    return guess
      ? { problem: `there is no distribution "${distribution}"`, hint: guess }
      : { distribution: distribution!, release: release! };
  },
});
