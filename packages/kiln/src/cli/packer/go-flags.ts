/**
 * A command's flags as data, in the kinds that Packer has. Parsing and help texts are made from them; names are
 * given without dashes.
 */
export type GoFlags = Readonly<Record<string, GoFlag>>;

export type GoFlag = BooleanFlag | TextFlag | CountFlag | ChoiceFlag | NamesFlag | PairsFlag | TextsFlag;

interface FlagBase {
  readonly description: string;
  /** Understood, but left out of help texts: it has no effect in Kiln. */
  readonly hidden?: true;
}

export interface BooleanFlag extends FlagBase {
  readonly type: 'boolean';
  readonly default: boolean;
}

export interface TextFlag extends FlagBase {
  readonly type: 'text';
  readonly value: string;
}

/** A whole number. */
export interface CountFlag extends FlagBase {
  readonly type: 'count';
  readonly value: string;
  readonly default: number;
}

export interface ChoiceFlag<C extends string = string> extends FlagBase {
  readonly type: 'choice';
  readonly choices: readonly C[];
  readonly default: C;
}

/** Names separated by commas; may be given several times. */
export interface NamesFlag extends FlagBase {
  readonly type: 'names';
  readonly value: string;
}

/** `name=value`; may be given several times. */
export interface PairsFlag extends FlagBase {
  readonly type: 'pairs';
  readonly value: string;
}

/** May be given several times. */
export interface TextsFlag extends FlagBase {
  readonly type: 'texts';
  readonly value: string;
}

export type GoFlagValues<F extends GoFlags = GoFlags> = { readonly [K in keyof F]: GoFlagValue<F[K]> };

type GoFlagValue<T extends GoFlag> = T extends BooleanFlag
  ? boolean
  : T extends CountFlag
    ? number
    : T extends ChoiceFlag<infer C>
      ? C
      : T extends NamesFlag | PairsFlag | TextsFlag
        ? readonly string[]
        : string | undefined;

export type GoFlagsResult =
  | { readonly ok: true; readonly values: GoFlagValues; readonly args: readonly string[] }
  | { readonly ok: false; readonly message: string };

export function defineFlags<const F extends GoFlags>(flags: F): F {
  return flags;
}

/**
 * Reads a command line by the rules of Go's package flag (https://pkg.go.dev/flag#hdr-Command_line_flag_syntax): one
 * dash or two, `-name value` or `-name=value`, switches take a value only behind `=`, and the first word that is no
 * flag ends them. Messages have the form that package gives them.
 */
export function parseGoFlags(flags: GoFlags, words: readonly string[]): GoFlagsResult {
  const values: Record<string, boolean | number | string | string[] | undefined> = {};
  for (const [name, flag] of Object.entries(flags)) values[name] = initialValue(flag);
  let at = 0;
  while (at < words.length) {
    const word = words[at]!;
    if (word.length < 2 || !word.startsWith('-')) break;
    at++;
    if (word === '--') break;
    const text = word.replace(/^--?/, '');
    if (/^[-=]|^$/.test(text)) return { ok: false, message: `bad flag syntax: ${word}` };
    const [, name = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(text)!;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!flag) return { ok: false, message: `flag provided but not defined: -${name}` };
    if (flag.type === 'boolean') {
      const read = value === undefined ? true : goBoolean(value);
      if (read === undefined) {
        return {
          ok: false,
          message: `invalid boolean value ${JSON.stringify(value)} for -${name}: parse error`,
        };
      }
      values[name] = read;
      continue;
    }
    const given = value ?? words[at++];
    if (given === undefined) return { ok: false, message: `flag needs an argument: -${name}` };
    const problem = take(values, name, flag, given);
    if (problem !== undefined) {
      return { ok: false, message: `invalid value ${JSON.stringify(given)} for flag -${name}: ${problem}` };
    }
  }
  return { ok: true, values: values as GoFlagValues, args: words.slice(at) };
}

function initialValue(flag: GoFlag): boolean | number | string | string[] | undefined {
  switch (flag.type) {
    case 'boolean':
    case 'count':
    case 'choice':
      return flag.default;
    case 'text':
      return undefined;
    default:
      return [];
  }
}

/** Stores a value; gives what is wrong with it. */
function take(
  values: Record<string, boolean | number | string | string[] | undefined>,
  name: string,
  flag: Exclude<GoFlag, BooleanFlag>,
  text: string,
): string | undefined {
  switch (flag.type) {
    case 'text':
      values[name] = text;
      return undefined;
    case 'texts':
      (values[name] as string[]).push(text);
      return undefined;
    case 'names':
      (values[name] as string[]).push(...text.split(',').filter((one) => one !== ''));
      return undefined;
    case 'pairs':
      if (text.indexOf('=') < 1) return 'it must be written name=value';
      (values[name] as string[]).push(text);
      return undefined;
    case 'count':
      if (!/^[+-]?\d{1,18}$/.test(text)) return 'parse error';
      values[name] = Number(text);
      return undefined;
    case 'choice':
      if (!flag.choices.includes(text)) return `it must be one of ${flag.choices.join(', ')}`;
      values[name] = text;
      return undefined;
  }
}

/** As Go's strconv.ParseBool. */
function goBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}
