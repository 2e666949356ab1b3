import { escaped, escapedScript } from '../../base/yaml/interpolate.ts';
import type { Config, CronJob, Timer } from '../../plan/profile.ts';

/** The settings as they are written; only those that there are. */
export function formatConfig(config: Config): object {
  const { hostname, timezone, locale, locales, keyboard, sysctl, modules, limits, environment } = config;
  const { hosts, dns, cron, timers, swap } = config;
  return {
    ...(hostname !== undefined && { hostname }),
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(locales.length > 0 && { locales }),
    ...(keyboard && { keyboard: Object.keys(keyboard).length === 1 ? keyboard.layout : keyboard }),
    ...section('sysctl', mapped(sysctl, escaped)),
    ...formatModules(modules),
    ...(limits.length > 0 && {
      limits: limits.map(({ domain, type, item, value }) => `${domain} ${type} ${item} ${value}`),
    }),
    ...section('environment', mapped(environment, escaped)),
    ...section(
      'hosts',
      mapped(hosts, (names) => (names.length === 1 ? names[0] : names)),
    ),
    ...(dns && { dns: dns.search.length === 0 ? dns.servers : withoutEmpty(dns) }),
    ...section('cron', byName(cron, formatCron)),
    ...section('timers', byName(timers, formatTimer)),
    ...(swap && {
      swap:
        swap.path === '/swapfile' ? formatSize(swap.size) : { size: formatSize(swap.size), path: swap.path },
    }),
  };
}

function section(name: string, values: object): object {
  return Object.keys(values).length === 0 ? {} : { [name]: values };
}

function mapped<T>(values: Readonly<Record<string, T>>, format: (value: T) => unknown): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, format(value)]));
}

function byName<T extends { readonly name: string }>(
  things: readonly T[],
  format: (thing: T) => unknown,
): object {
  return Object.fromEntries(things.map((thing) => [thing.name, format(thing)]));
}

function withoutEmpty(lists: Readonly<Record<string, readonly string[]>>): object {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function formatModules({ load, blacklist }: Config['modules']): object {
  if (blacklist.length > 0) return { modules: withoutEmpty({ load, blacklist }) };
  return load.length > 0 ? { modules: load } : {};
}

function formatCron({ schedule, user, command, absent }: CronJob): unknown {
  return absent ? 'absent' : `${schedule} ${user} ${escapedScript(command)}`;
}

function formatTimer({ calendar, command, user, persistent, absent }: Timer): unknown {
  if (absent) return 'absent';
  return {
    calendar,
    command: escapedScript(command),
    ...(user !== 'root' && { user }),
    ...(!persistent && { persistent }),
  };
}

/** Bytes with the largest unit that divides them. */
function formatSize(bytes: number): string {
  if (bytes === 0) return 'none';
  const units = ['B', 'K', 'M', 'G', 'T'];
  let [size, unit] = [bytes, 0];
  while (size % 1024 === 0 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size}${units[unit]}`;
}
