/** A command's flags as data, in the kinds that Ruby's OptionParser has; names are the long ones, without dashes. */
export type RubyFlags = Readonly<Record<string, RubyFlag>>;

export type RubyFlag = SwitchFlag | TextFlag | ListFlag;

interface FlagBase {
  /** One letter. */
  readonly short?: string;
  readonly description: string;
  /** Understood, but left out of help texts. */
  readonly hidden?: true;
}

export interface SwitchFlag extends FlagBase {
  readonly type: 'switch';
  /** `both`: `--name` and `--no-name`; `off`: only `--no-name`. Default: only `--name`. */
  readonly forms?: 'both' | 'off';
}

export interface TextFlag extends FlagBase {
  readonly type: 'text';
  readonly value: string;
}

/** Words separated by commas. */
export interface ListFlag extends FlagBase {
  readonly type: 'list';
  readonly value: string;
}

/** What was given; undefined where nothing was. */
export type RubyFlagValues<F extends RubyFlags = RubyFlags> = {
  readonly [K in keyof F]: RubyFlagValue<F[K]> | undefined;
};

type RubyFlagValue<T extends RubyFlag> = T extends SwitchFlag
  ? boolean
  : T extends ListFlag
    ? readonly string[]
    : string;

export type RubyFlagsResult =
  | { readonly kind: 'parsed'; readonly values: RubyFlagValues; readonly args: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly message: string };

export function defineRubyFlags<const F extends RubyFlags>(flags: F): F {
  return flags;
}

/** Flags that Vagrant takes everywhere. What they do is decided before commands see them. */
export const everywhere = defineRubyFlags({
  color: { type: 'switch', forms: 'both', description: 'Use colours, or none.' },
  'machine-readable': { type: 'switch', description: 'Print lines for programs.' },
  version: { type: 'switch', short: 'v', description: 'Show the version.' },
  debug: { type: 'switch', description: 'Tell more.' },
  timestamp: { type: 'switch', description: 'No effect: what is logged has its times.' },
  'debug-timestamp': { type: 'switch', description: 'The same as --debug.' },
  tty: { type: 'switch', forms: 'off', description: 'Ask nothing, and draw no progress.' },
});

interface Spelling {
  readonly name: string;
  readonly flag: RubyFlag;
  /** What a switch written so says. */
  readonly says: boolean;
}

/**
 * Reads a command line by the rules of OptionParser (https://docs.ruby-lang.org/en/3.4/OptionParser.html): flags may
 * stand anywhere, long names may be shortened as long as they are unique, letters may stand together, and `--` ends flags.
 */
export function parseRubyFlags(own: RubyFlags, words: readonly string[]): RubyFlagsResult {
  const flags: RubyFlags = { ...everywhere, ...own };
  const long = spellings(flags);
  const values: Record<string, boolean | string | readonly string[]> = {};
  const args: string[] = [];
  const queue = [...words];
  const missing = (word: string): RubyFlagsResult => ({ kind: 'invalid', message: `${word} needs a value` });
  const unknown = (word: string): RubyFlagsResult => ({
    kind: 'invalid',
    message: `there is no option ${word}`,
  });
  while (queue.length > 0) {
    const word = queue.shift()!;
    if (word === '--') {
      args.push(...queue);
      break;
    }
    if (word.startsWith('--')) {
      const [, name = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!;
      const found = find(long, name);
      if (found === 'help') return { kind: 'help' };
      if (found === undefined) return unknown(`--${name}`);
      if (found === 'ambiguous')
        return { kind: 'invalid', message: `--${name} may be one of several options` };
      if (found.flag.type === 'switch') {
        values[found.name] = found.says;
        continue;
      }
      const value = inline ?? queue.shift();
      if (value === undefined) return missing(`--${name}`);
      values[found.name] = found.flag.type === 'list' ? value.split(',') : value;
    } else if (word.startsWith('-') && word.length > 1) {
      let rest = word.slice(1);
      while (rest !== '') {
        const letter = rest[0]!;
        rest = rest.slice(1);
        if (letter === 'h' && !Object.values(own).some((flag) => flag.short === 'h')) return { kind: 'help' };
        const entry = Object.entries(flags).find(([, flag]) => flag.short === letter);
        if (entry === undefined) return unknown(`-${letter}`);
        const [name, flag] = entry;
        if (flag.type === 'switch') {
          values[name] = flag.forms !== 'off';
          continue;
        }
        const value = rest === '' ? queue.shift() : rest.replace(/^=/, '');
        rest = '';
        if (value === undefined) return missing(`-${letter}`);
        values[name] = flag.type === 'list' ? value.split(',') : value;
      }
    } else args.push(word);
  }
  return { kind: 'parsed', values: values as RubyFlagValues, args };
}

function spellings(flags: RubyFlags): ReadonlyMap<string, Spelling> {
  const all = new Map<string, Spelling>();
  for (const [name, flag] of Object.entries(flags)) {
    const forms = flag.type === 'switch' ? flag.forms : undefined;
    if (forms !== 'off') all.set(name, { name, flag, says: true });
    if (forms !== undefined) all.set(`no-${name}`, { name, flag, says: false });
  }
  return all;
}

function find(
  long: ReadonlyMap<string, Spelling>,
  name: string,
): Spelling | 'ambiguous' | 'help' | undefined {
  const exact = long.get(name);
  if (exact !== undefined) return exact;
  if (name === 'help') return 'help';
  const started = [...long.keys(), 'help'].filter((one) => name !== '' && one.startsWith(name));
  if (started.length > 1) return 'ambiguous';
  if (started[0] === 'help') return 'help';
  return started[0] === undefined ? undefined : long.get(started[0]);
}
