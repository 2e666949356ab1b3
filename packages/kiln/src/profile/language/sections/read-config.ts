import type { SourceLocation } from '../../../base/errors.ts';
import { Reset } from '../../../base/yaml/shape.ts';
import type { Config, CronJob, Limit, Swap, Timer } from '../../../plan/profile.ts';
import type { LayerContext } from '../layer-context.ts';
import type { LayerItem, SectionLayer } from '../layers.ts';
import { limitProblem } from '../notations/settings.ts';
import type { EntryContext, NamedDraft } from '../section-entries.ts';
import { readSection } from '../section-entries.ts';
import type { ConfigEntry } from './config-shape.ts';

/** A setting that is one value. */
export interface Setting<T> {
  readonly value?: T | undefined;
}

type Keyboard = NonNullable<Config['keyboard']>;
export type DnsDraft = {
  readonly servers?: readonly string[] | undefined;
  readonly search?: readonly string[] | undefined;
};
export type CronDraft = { readonly [K in keyof Omit<CronJob, 'name'>]?: CronJob[K] | undefined };
export type TimerDraft = { readonly [K in keyof Omit<Timer, 'name'>]?: Timer[K] | undefined };
export type SwapDraft = { readonly [K in keyof Swap]?: Swap[K] | undefined };

/** What one file says of the settings. */
export interface ConfigLayer {
  readonly hostname: SectionLayer<Setting<string>>;
  readonly timezone: SectionLayer<Setting<string>>;
  readonly locale: SectionLayer<Setting<string>>;
  readonly keyboard: SectionLayer<Setting<Keyboard>>;
  readonly dns: SectionLayer<DnsDraft>;
  readonly swap: SectionLayer<SwapDraft>;
  readonly locales: SectionLayer<object>;
  readonly load: SectionLayer<object>;
  readonly blacklist: SectionLayer<object>;
  readonly sysctl: SectionLayer<Setting<string>>;
  readonly environment: SectionLayer<Setting<string>>;
  readonly hosts: SectionLayer<Setting<readonly string[]>>;
  readonly limits: SectionLayer<Limit | object>;
  readonly cron: SectionLayer<CronDraft>;
  readonly timers: SectionLayer<TimerDraft>;
}

export function readConfig(config: ConfigEntry, context: LayerContext): ConfigLayer {
  const at = (name: keyof ConfigEntry) => context.places.of(config, name);
  const setting = <T, D extends object>(
    name: keyof ConfigEntry,
    given: T | Reset<T> | undefined,
    draft: (value: T) => D,
  ): SectionLayer<D> => readSetting(name, given, at(name), draft);
  const modules = modulesOf(config.modules);
  return {
    hostname: setting('hostname', config.hostname, (value) => ({ value })),
    timezone: setting('timezone', config.timezone, (value) => ({ value })),
    locale: setting('locale', config.locale, (value) => ({ value })),
    keyboard: setting('keyboard', config.keyboard, (value) => ({
      value: typeof value === 'string' ? { layout: value } : value,
    })),
    dns: setting('dns', config.dns, (value) => (isList(value) ? { servers: value } : value)),
    swap: setting('swap', config.swap, (value) => (typeof value === 'number' ? { size: value } : value)),
    locales: readWords(config.locales, context),
    load: readWords(modules.load, context),
    blacklist: readWords(modules.blacklist, context),
    sysctl: readValues(config.sysctl, context, (value: string) => ({ value })),
    environment: readValues(config.environment, context, (value: string) => ({ value })),
    hosts: readValues(config.hosts, context, (value: string | readonly string[]) => ({
      value: typeof value === 'string' ? [value] : value,
    })),
    limits: readLimits(config.limits, context),
    cron: readSection(config.cron, context, {
      fromList: unlisted,
      fromMap: (name, value, within) => named(name, readCron(name, value, within)),
    }),
    timers: readSection(config.timers, context, {
      fromList: unlisted,
      fromMap: (name, value, within) => named(name, readTimer(name, value, within)),
    }),
  };
}

function named<D>(name: string, draft: D | undefined): NamedDraft<D> | undefined {
  return draft && { name, draft };
}

/** Fields that were wrong are reported already; that they are missing now is no further mistake. */
function hasWrong(entry: object, fields: readonly string[], { places }: EntryContext): boolean {
  return fields.some(
    (field) => places.has(entry, field) && (entry as Record<string, unknown>)[field] === undefined,
  );
}

function isList<T>(value: T): value is T & readonly string[] {
  return Array.isArray(value);
}

function readSetting<T, D extends object>(
  name: string,
  given: T | Reset<T> | undefined,
  at: SourceLocation,
  draft: (value: T) => D,
): SectionLayer<D> {
  if (given === undefined) return { reset: false, items: [] };
  const value = given instanceof Reset ? given.value : given;
  const items: LayerItem<D>[] =
    value === undefined ? [] : [{ name, at, how: 'merge', draft: draft(value), places: {} }];
  return { reset: given instanceof Reset, items };
}

type Words = readonly (string | Reset<string>)[];

/** A list of words that are there or not. */
function readWords(words: Words | Reset<Words> | undefined, context: LayerContext): SectionLayer<object> {
  return readSection(words, context, {
    fromList: (word: string) => ({ name: word, draft: {} }),
    fromMap: (name: string, _value: never) => ({ name, draft: {} }),
  });
}

function readValues<V, D extends object>(
  values: Readonly<Record<string, V | Reset<V>>> | Reset<Readonly<Record<string, V | Reset<V>>>> | undefined,
  context: LayerContext,
  draft: (value: V) => D,
): SectionLayer<D> {
  return readSection<never, V, D>(values, context, {
    fromList: unlisted,
    fromMap: (name, value) => ({ name, draft: value === null ? ({} as D) : draft(value) }),
  });
}

/** Sections that are only written as mappings. */
function unlisted(entry: never): NamedDraft<never> {
  return entry;
}

type Modules = {
  readonly load?: Words | Reset<Words> | undefined;
  readonly blacklist?: Words | Reset<Words> | undefined;
};

function modulesOf(given: ConfigEntry['modules']): Modules {
  if (given === undefined) return {};
  const reset = given instanceof Reset;
  const value = reset ? given.value : given;
  const parts: Modules = isModuleList(value) ? { load: value } : (value ?? {});
  if (!reset) return parts;
  const forget = (words: Words | Reset<Words> | undefined) =>
    words instanceof Reset ? words : new Reset<Words>(words);
  return { load: forget(parts.load), blacklist: forget(parts.blacklist) };
}

function isModuleList(value: unknown): value is Words {
  return Array.isArray(value);
}

function readLimits(given: ConfigEntry['limits'], context: LayerContext): SectionLayer<Limit | object> {
  type Line = readonly [string, string, string, string];
  type Fields = {
    readonly domain: string;
    readonly type?: string;
    readonly item: string;
    readonly value: string;
  };
  return readSection<Line | Fields, never, Limit | object>(given, context, {
    fromList: (entry, within) => {
      const [domain, type, item, value] = isLine(entry)
        ? entry
        : [entry.domain, entry.type ?? '-', entry.item, entry.value];
      const limit = { domain, type: type as Limit['type'], item, value };
      const problem = limitProblem(limit);
      if (problem) {
        context.problems.error(within.at, `limits: ${problem.problem}`, problem.hint);
        return undefined;
      }
      return { name: `${domain} ${type} ${item}`, draft: limit };
    },
    fromMap: unlistedMap,
  });
  function isLine(entry: Line | Fields): entry is Line {
    return Array.isArray(entry);
  }
}

function unlistedMap(_name: string, _value: never): undefined {
  return undefined;
}

type CronEntry = Exclude<ConfigEntry['cron'], Reset | undefined>[string];
type TimerEntry = Exclude<ConfigEntry['timers'], Reset | undefined>[string];

function readCron(
  name: string,
  entry: Exclude<CronEntry, Reset>,
  context: EntryContext,
): CronDraft | undefined {
  const { problems, at, places } = context;
  if (entry === null) return {};
  if (entry === 'absent') return { absent: true };
  const { absent = false, schedule, command } = entry as Extract<typeof entry, { absent?: boolean }>;
  if (hasWrong(entry, ['schedule', 'command'], context)) return undefined;
  if (absent && (schedule !== undefined || command !== undefined)) {
    problems.error(
      at,
      `the cron job ${name} is to be absent, and has more fields`,
      'take them out, or "absent"',
    );
  }
  if (command !== undefined && /[\r\n]/.test(command.trim())) {
    problems.error(
      places.has(entry, 'command') ? places.of(entry, 'command') : at,
      `the command of the cron job ${name} has several lines`,
      'put them into a script under "files"',
    );
  }
  return { absent, schedule, user: entry.user, command: command?.trim() };
}

function readTimer(
  name: string,
  entry: Exclude<TimerEntry, Reset>,
  context: EntryContext,
): TimerDraft | undefined {
  const { problems, at } = context;
  if (entry === null) return {};
  if (entry === 'absent') return { absent: true };
  if (hasWrong(entry, ['calendar', 'command'], context)) return undefined;
  const { absent = false, calendar, command, user, persistent } = entry;
  if (absent && (calendar !== undefined || command !== undefined)) {
    problems.error(
      at,
      `the timer ${name} is to be absent, and has more fields`,
      'take them out, or "absent"',
    );
  }
  return { absent, calendar, command: command?.trim(), user, persistent };
}
