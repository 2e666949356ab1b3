import { isIP } from 'node:net';
import type { Problems } from '../../../base/yaml/problems.ts';
import type { Config, CronJob, Limit, Swap, Timer } from '../../../plan/profile.ts';
import { type MergedItem, mergeLayers, type SectionLayer } from '../layers.ts';
import type { ConfigLayer, CronDraft, Setting, SwapDraft, TimerDraft } from './read-config.ts';

/** Merges what files say of the settings, lowest first. */
export function compileConfig(layers: readonly ConfigLayer[], problems: Problems): Config {
  const merge = <D extends object>(what: string, of: (layer: ConfigLayer) => SectionLayer<D>) =>
    mergeLayers(what, layers.map(of), problems);
  const hostname = merge('the setting', (one) => one.hostname)[0]?.draft.value;
  const timezone = merge('the setting', (one) => one.timezone)[0]?.draft.value;
  const locale = merge('the setting', (one) => one.locale)[0]?.draft.value;
  const keyboard = merge('the setting', (one) => one.keyboard)[0]?.draft.value;
  const dns = merge('the setting', (one) => one.dns)[0]?.draft;
  const swap = compileSwap(merge('the setting', (one) => one.swap)[0], problems);
  return {
    ...(hostname !== undefined && { hostname }),
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    locales: namesOf(merge('the locale', (one) => one.locales)),
    ...(keyboard && { keyboard }),
    sysctl: valuesOf(merge('the setting', (one) => one.sysctl)),
    modules: {
      load: namesOf(merge('the module', (one) => one.load)),
      blacklist: namesOf(merge('the module', (one) => one.blacklist)),
    },
    limits: merge('the limit', (one) => one.limits).map(({ draft }) => draft as Limit),
    environment: valuesOf(merge('the variable', (one) => one.environment)),
    hosts: compileHosts(
      merge('the address', (one) => one.hosts),
      problems,
    ),
    ...(dns && { dns: { servers: dns.servers ?? [], search: dns.search ?? [] } }),
    cron: merge('the cron job', (one) => one.cron).flatMap((item) => compileCron(item, problems)),
    timers: merge('the timer', (one) => one.timers).flatMap((item) => compileTimer(item, problems)),
    ...(swap && { swap }),
  };
}

function namesOf(items: readonly MergedItem<object>[]): readonly string[] {
  return items.map(({ name }) => name);
}

function valuesOf<T>(items: readonly MergedItem<Setting<T>>[]): Readonly<Record<string, T>> {
  return Object.fromEntries(
    items.flatMap(({ name, draft }) => (draft.value === undefined ? [] : [[name, draft.value]])),
  );
}

function compileHosts(
  items: readonly MergedItem<Setting<readonly string[]>>[],
  problems: Problems,
): Config['hosts'] {
  for (const { name, at } of items) {
    if (isIP(name) === 0) {
      problems.error(
        at,
        `hosts: "${name}" is not an IP address`,
        'the address comes first: 192.0.2.10: db.example.org',
      );
    }
  }
  return valuesOf(items);
}

function compileSwap(item: MergedItem<SwapDraft> | undefined, problems: Problems): Swap | undefined {
  if (!item) return undefined;
  const { size, path = '/swapfile' } = item.draft;
  if (size !== undefined) return { size, path };
  problems.error(item.at, 'swap needs a size', 'write "swap: 2G", or "swap: none"');
  return undefined;
}

function compileCron({ name, at, draft }: MergedItem<CronDraft>, problems: Problems): readonly CronJob[] {
  const { absent = false, schedule, user = 'root', command } = draft;
  if (absent) return [{ name, schedule: '', user, command: '', absent }];
  if (schedule === undefined || !command) {
    problems.error(
      at,
      `the cron job ${name} needs ${schedule === undefined ? '"schedule"' : '"command"'}`,
      'write schedule and command, or a line: "30 3 * * * root /usr/local/bin/backup"',
    );
    return [];
  }
  return [{ name, schedule, user, command, absent }];
}

function compileTimer({ name, at, draft }: MergedItem<TimerDraft>, problems: Problems): readonly Timer[] {
  const { absent = false, calendar, command, user = 'root', persistent = true } = draft;
  if (absent) return [{ name, calendar: '', command: '', user, persistent, absent }];
  if (calendar === undefined || !command) {
    problems.error(
      at,
      `the timer ${name} needs ${calendar === undefined ? '"calendar"' : '"command"'}`,
      'write both: { calendar: daily, command: /usr/local/bin/backup }',
    );
    return [];
  }
  return [{ name, calendar, command, user, persistent, absent }];
}
