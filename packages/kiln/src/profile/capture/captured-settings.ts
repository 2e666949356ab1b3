import type { Config, CronJob } from '../../plan/profile.ts';
import { localeText, timezoneText } from '../diff/value-texts.ts';
import type { Inventory, InventorySettings } from '../inventory/inventory.ts';
import { cronProblem } from '../language/notations/cron-schedule.ts';
import type { BareSystem } from './bare-system.ts';
import { linesText, type OriginalFiles } from './original-files.ts';

export interface CapturedSettings {
  readonly config: Config;
  /** Paths of files all of which is in it. */
  readonly files: ReadonlySet<string>;
}

/** Where applying a profile writes settings that could stand in any file of a folder (compile/resources/settings.ts). */
const ownFiles: Readonly<Record<string, readonly string[]>> = {
  sysctl: ['/etc/sysctl.d/99-kiln.conf'],
  modules: ['/etc/modules-load.d/kiln.conf', '/etc/modprobe.d/kiln.conf'],
  limits: ['/etc/security/limits.d/99-kiln.conf'],
  dns: ['/etc/systemd/resolved.conf.d/kiln.conf'],
};

/** Settings that can be said in words: see OriginalFiles. */
export function captureSettings(
  { settings, units }: Inventory,
  bare: BareSystem,
  originals: OriginalFiles,
): CapturedSettings {
  const usual = bare.inventory?.settings;
  const files = new Set<string>();
  const inWords = (setting: string) => {
    const paths = settings.files[setting] ?? [];
    if (paths.length === 0 || paths.some((path) => !ownFiles[setting]?.includes(path))) return false;
    for (const path of paths) files.add(path);
    return true;
  };
  const { hostname, timezone, keyboard, dns } = settings;
  const locale = settings.locale && localeText(settings.locale);
  const config: Config = {
    ...(hostname !== undefined && hostname !== bare.hostname && isHostName(hostname) ? { hostname } : {}),
    ...(timezone !== undefined && timezoneText(timezone) !== timezoneText(usual?.timezone ?? 'UTC')
      ? { timezone }
      : {}),
    ...(locale && isLocale(locale) && locale !== (usual?.locale && localeText(usual.locale))
      ? { locale }
      : {}),
    locales: settings.locales.map(localeText).filter((one) => isLocale(one) && one !== locale),
    ...(keyboard && JSON.stringify(keyboard) !== JSON.stringify(usual?.keyboard) ? { keyboard } : {}),
    sysctl: inWords('sysctl') ? settings.sysctl : {},
    modules: inWords('modules') ? settings.modules : { load: [], blacklist: [] },
    limits: inWords('limits') ? settings.limits : [],
    environment: changedIn(plainVariables(settings.environment), usual?.environment),
    hosts: changedIn(settings.hosts, usual?.hosts),
    ...(dns && originals.is(ownFiles['dns']![0]!, dnsText(dns), 0o644) && inWords('dns') ? { dns } : {}),
    cron: captureCron(settings, originals, files),
    timers: [],
    ...(units.some((unit) => unit.name === 'kiln-swap.service') ? captureSwap(settings) : {}),
  };
  return { config, files };
}

function dnsText({ servers, search }: NonNullable<Config['dns']>): string {
  return linesText([
    '[Resolve]',
    ...(servers.length > 0 ? [`DNS=${servers.join(' ')}`] : []),
    ...(search.length > 0 ? [`Domains=${search.join(' ')}`] : []),
  ]);
}

/** pam_env(8) would take what is behind a "#" for a comment, wherever it stands. */
function plainVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => !/[#\r\n]/.test(value)));
}

function changedIn<T>(
  values: Readonly<Record<string, T>>,
  usual: Readonly<Record<string, T>> = {},
): Record<string, T> {
  const same = (name: string, value: T) => JSON.stringify(value) === JSON.stringify(usual[name]);
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !same(name, value)));
}

function isHostName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(name) && name !== 'localhost';
}

function isLocale(name: string): boolean {
  return /^(?:C|POSIX|C\.[A-Za-z0-9-]+|[a-z]{2,3}_[A-Z]{2}(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?)$/.test(name);
}

/** Jobs that are alone in a file of /etc/cron.d whose name a profile can give it. */
function captureCron(settings: InventorySettings, originals: OriginalFiles, files: Set<string>): CronJob[] {
  const jobs: CronJob[] = [];
  for (const { file, schedule, user, command } of settings.cron) {
    const name = /^\/etc\/cron\.d\/([a-z0-9][a-z0-9_-]{0,62})$/.exec(file)?.[1];
    if (name === undefined || cronProblem(schedule) || !/^[a-z_][a-z0-9_-]*$/.test(user)) continue;
    if (!originals.is(file, linesText([`${schedule} ${user} ${command}`]), 0o644)) continue;
    files.add(file);
    jobs.push({ name, schedule, user, command, absent: false });
  }
  return jobs;
}

/** The one swap file that a profile can have. */
function captureSwap({ swap }: InventorySettings): Pick<Config, 'swap'> {
  const [first, ...more] = swap.filter((one) => one.size !== undefined && one.size >= 1 << 20);
  return first && more.length === 0 ? { swap: { path: first.path, size: first.size! } } : {};
}
