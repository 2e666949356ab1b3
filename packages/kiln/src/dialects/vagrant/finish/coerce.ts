import { didYouMean } from '../../../base/suggest.ts';
import type { RawSection } from '../ruby/raw-result.ts';
import type { Setting, Settings, ValuesOf } from '../settings/setting.ts';
import type { MachineContext } from './machine-context.ts';

/**
 * The values of a table's settings: what was set, in the type that the table says, and what holds for the rest. Says what
 * does not exist, what has a wrong type, and what is different with Kiln.
 * @param name how people write it, such as `config.ssh`
 */
export function finishSection<S extends Settings>(
  section: RawSection | undefined,
  table: S,
  name: string,
  context: MachineContext,
): ValuesOf<S> {
  const { problems } = context;
  for (const [setting, place] of Object.entries(section?.unknown ?? {})) {
    const hint = didYouMean(setting, Object.keys(table));
    const message = `${name} has no setting ${setting}`;
    if (name === takesAnything) problems.warn(place, message, hint);
    else problems.error(place, message, hint);
  }
  const values = Object.entries(table).map(([setting, known]): [string, unknown] => {
    const given = section?.settings[setting];
    const place = section?.places[setting];
    const set = given !== undefined && !isUntouched(given, known, place);
    if (!set) return [setting, known.fallback];
    if (known.treatment !== undefined && place) {
      const say = `${name}.${setting}: ${known.treatment.why}`;
      if (known.treatment.kind === 'refused') problems.error(place, say);
      if (known.treatment.kind === 'differs') problems.warn(place, say);
    }
    const value = coerce(given, known);
    if (value !== undefined) return [setting, value];
    problems.error(place, `${name}.${setting} is to be ${nouns[known.type]}, not ${JSON.stringify(given)}`);
    return [setting, known.fallback];
  });
  // One entry for each key of the table, of the type that its setting has.
  return Object.fromEntries(values) as ValuesOf<S>;
}

/** Vagrant itself does not look whether its settings exist. */
const takesAnything = 'config.winrm';

const nouns: Readonly<Record<Setting['type'], string>> = {
  text: 'a text',
  number: 'a number',
  switch: 'true or false',
  list: 'a list',
  map: 'a hash',
  value: 'something else',
};

/** Undefined when the value cannot be taken for what the setting is. Ruby's truth and spelling are kept. */
export function coerce(value: unknown, { type, fallback }: Setting): unknown {
  if (value === null) return type === 'switch' && fallback !== null ? false : nothingOf(type, fallback);
  switch (type) {
    case 'text':
      if (value === false) return null;
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    case 'number':
      if (typeof value === 'number') return value;
      return typeof value === 'string' && /^\s*-?\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
    case 'switch':
      return value !== false;
    case 'list':
      return Array.isArray(value) ? value : [value];
    case 'map':
      return typeof value === 'object' && !Array.isArray(value) ? value : undefined;
    case 'value':
      return value;
  }
}

/** What `nil` is for a setting: nothing, whatever holds when it is not set. */
function nothingOf(type: Setting['type'], fallback: unknown): unknown {
  if (type === 'list') return fallback === null ? null : [];
  return type === 'map' ? {} : null;
}

/** An empty list that was there before anybody set anything is no setting. */
function isUntouched(value: unknown, { initial }: Setting, place: unknown): boolean {
  if (place || initial === undefined) return false;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === initial;
}

/** A text, if there is one. */
export function textOr(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** True for everything that Ruby holds for true. */
export function isTruthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

export function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => textOr(one) ?? []);
}

export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
