import { localeText, timezoneText } from '../diff/value-texts.ts';
import type { Inventory, InventorySettings } from '../inventory/inventory.ts';
import { cronProblem } from '../language/notations/cron-schedule.ts';
import type { Config, CronJob } from '../profile.ts';
import type { BareSystem } from './bare-system.ts';

export interface CapturedSettings {
  readonly config: Config;
  /** Paths of files all of which is in it. */
  readonly files: ReadonlySet<string>;
}

/**
 * Settings for which a profile has words. Those that may stand in any of several files (sysctl, modules, limits, cron)
 * are taken from files with nothing else in them; other files are captured as files.
 */
export function captureSettings({ settings }: Inventory, bare: BareSystem): CapturedSettings {
  const usual = bare.inventory?.settings;
  const files = new Set<string>();
  const isWhole = (setting: string) => {
    const paths = settings.files[setting] ?? [];
    for (const path of paths) files.add(path);
    return paths.length > 0;
  };
  const { hostname, timezone, keyboard, dns } = settings;
  const locale = settings.locale && localeText(settings.locale);
  const config: Config = {
    ...(hostname !== undefined && isHostName(hostname) ? { hostname } : {}),
    ...(timezone !== undefined && timezoneText(timezone) !== timezoneText(usual?.timezone ?? 'UTC')
      ? { timezone }
      : {}),
    ...(locale && isLocale(locale) && locale !== (usual?.locale && localeText(usual.locale))
      ? { locale }
      : {}),
    locales: settings.locales.map(localeText).filter((one) => isLocale(one) && one !== locale),
    ...(keyboard && JSON.stringify(keyboard) !== JSON.stringify(usual?.keyboard) ? { keyboard } : {}),
    sysctl: isWhole('sysctl') ? settings.sysctl : {},
    modules: isWhole('modules') ? settings.modules : { load: [], blacklist: [] },
    limits: isWhole('limits') ? settings.limits : [],
    environment: changedIn(settings.environment, usual?.environment),
    hosts: changedIn(settings.hosts, usual?.hosts),
    ...(dns && isWhole('dns') ? { dns } : {}),
    cron: captureCron(settings, files),
    timers: [],
    ...captureSwap(settings),
  };
  return { config, files };
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
function captureCron(settings: InventorySettings, files: Set<string>): CronJob[] {
  const whole = new Set(settings.files['cron']);
  const byFile = Map.groupBy(settings.cron, (job) => job.file);
  const jobs: CronJob[] = [];
  for (const [file, [first, ...more]] of byFile) {
    const name = /^\/etc\/cron\.d\/([a-z0-9][a-z0-9_-]{0,62})$/.exec(file)?.[1];
    if (!whole.has(file) || name === undefined || !first || more.length > 0) continue;
    if (cronProblem(first.schedule) || !/^[a-z_][a-z0-9_-]*$/.test(first.user)) continue;
    files.add(file);
    jobs.push({ name, schedule: first.schedule, user: first.user, command: first.command, absent: false });
  }
  return jobs;
}

/** The one swap file that a profile can have. */
function captureSwap({ swap }: InventorySettings): Pick<Config, 'swap'> {
  const [first, ...more] = swap.filter((one) => one.size !== undefined && one.size >= 1 << 20);
  return first && more.length === 0 ? { swap: { path: first.path, size: first.size! } } : {};
}
