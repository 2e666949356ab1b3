/** A name of up to eight characters and an extension of up to three, as eleven bytes padded with spaces. */
export type ShortName = string;

/** Characters of short names beside letters and digits (fatgen103, "Short Directory Entries"). */
const shortCharacters = /^[A-Z0-9!#$%&'()@^_`{}~-]+$/;

/**
 * Gives every long name of one directory a short one. What is a short name in capitals already stays alone; everything
 * else has a long name too.
 */
export class ShortNames {
  readonly #taken = new Set<ShortName>();
  /** Numbers given last, by what they follow: a directory of ten thousand like names must not count from one each time. */
  readonly #numbers = new Map<string, number>();

  /** @param all names of the directory, so that those which are short already get theirs */
  constructor(all: readonly string[]) {
    for (const name of all) {
      const own = asShortName(name);
      if (own) this.#taken.add(own);
    }
  }

  /** @returns the short name, and whether it says everything */
  assign(name: string): { readonly short: ShortName; readonly isWhole: boolean } {
    const own = asShortName(name);
    if (own) return { short: own, isWhole: true };
    return { short: this.#alias(name), isWhole: false };
  }

  /** fatgen103, "The Basis-Name Generation Algorithm" and "The Numeric-Tail Generation Algorithm". */
  #alias(name: string): ShortName {
    const { base, extension, isLossy } = basis(name);
    const plain = `${base.slice(0, 8).padEnd(8)}${extension.padEnd(3)}`;
    if (!isLossy && base.length <= 8 && !this.#taken.has(plain)) return this.#take(plain);
    for (let number = (this.#numbers.get(plain) ?? 0) + 1; ; number++) {
      const tail = `~${number}`;
      const numbered = `${(base.slice(0, 8 - tail.length) + tail).padEnd(8)}${extension.padEnd(3)}`;
      if (this.#taken.has(numbered)) continue;
      this.#numbers.set(plain, number);
      return this.#take(numbered);
    }
  }

  #take(name: ShortName): ShortName {
    this.#taken.add(name);
    return name;
  }
}

/** The name in eleven bytes when it is all capitals and of their form. */
function asShortName(name: string): ShortName | undefined {
  const [base, extension = '', ...more] = name.split('.');
  if (more.length > 0 || (name.includes('.') && extension === '')) return undefined;
  if (!base || base.length > 8 || !shortCharacters.test(base)) return undefined;
  if (extension.length > 3 || (extension !== '' && !shortCharacters.test(extension))) return undefined;
  return base.padEnd(8) + extension.padEnd(3);
}

function basis(name: string): { base: string; extension: string; isLossy: boolean } {
  const upper = name.toUpperCase().replaceAll(' ', '').replace(/^\.+/, '');
  const dot = upper.lastIndexOf('.');
  const clean = (part: string) => part.replaceAll('.', '').replace(/[^A-Z0-9!#$%&'()@^_`{}~-]/g, '_');
  const base = clean(dot < 0 ? upper : upper.slice(0, dot)) || '_';
  const extension = clean(dot < 0 ? '' : upper.slice(dot + 1)).slice(0, 3);
  const back = extension === '' ? base : `${base}.${extension}`;
  return { base, extension, isLossy: back !== name.toUpperCase() };
}

/** Ties the entries of a long name to the short one behind them. */
export function shortNameChecksum(short: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < 11; index++) sum = (((sum & 1) << 7) + (sum >> 1) + short[index]!) & 0xff;
  return sum;
}
