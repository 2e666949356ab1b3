/** Some of the characters of a set; all of a set's parts together make it. */
interface Part {
  /** Matches a text of one character when it is in this part, or when it is not, if `negated`. */
  readonly pattern: RegExp;
  readonly negated: boolean;
}

/** A set of characters, of which one is tested at a time. */
export class CharacterSet {
  readonly #parts: readonly Part[];
  readonly #negated: boolean;
  /** For ASCII: 0 not known yet, 1 in the set, 2 not. */
  readonly #ascii = new Uint8Array(128);

  constructor(parts: readonly Part[], negated = false) {
    this.#parts = parts;
    this.#negated = negated;
  }

  has(codePoint: number): boolean {
    if (codePoint >= 128) return this.#test(codePoint);
    this.#ascii[codePoint] ||= this.#test(codePoint) ? 1 : 2;
    return this.#ascii[codePoint] === 1;
  }

  #test(codePoint: number): boolean {
    const character = String.fromCodePoint(codePoint);
    return this.#parts.some(({ pattern, negated }) => pattern.test(character) !== negated) !== this.#negated;
  }
}

/** Collects the parts of a set. `fold` makes them match whatever the case of letters. */
export class CharacterSetBuilder {
  readonly #fold: boolean;
  readonly #parts: Part[] = [];
  #ranges = '';

  constructor(fold: boolean) {
    this.#fold = fold;
  }

  addRange(low: number, high: number): void {
    this.#ranges += `\\u{${low.toString(16)}}-\\u{${high.toString(16)}}`;
  }

  /** Everything that a part of JavaScript's class syntax means, such as `0-9_` or `\p{Lu}`, or everything else. */
  addClass(source: string, negated: boolean): void {
    // Folding comes before negation, so negated parts are kept apart and JavaScript only sees what they negate.
    this.#parts.push({ pattern: this.#pattern(source), negated });
  }

  build(negated = false): CharacterSet {
    const parts = [...this.#parts];
    if (this.#ranges !== '') parts.push({ pattern: this.#pattern(this.#ranges), negated: false });
    return new CharacterSet(parts, negated);
  }

  #pattern(source: string): RegExp {
    return new RegExp(`[${source}]`, this.#fold ? 'iu' : 'u');
  }
}

/** `\d` and its kin, which mean ASCII only. */
export const perlClasses: Readonly<Record<string, string>> = {
  d: '0-9',
  s: '\\t\\n\\f\\r ',
  w: '0-9A-Za-z_',
};

/** `[[:alpha:]]` and its kin. */
export const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** The class source of a Unicode category or script such as `Lu` or `Greek`, or undefined when there is none. */
export function unicodeClass(name: string): string | undefined {
  if (name === 'Any') return '\\u{0}-\\u{10ffff}';
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  for (const source of [`\\p{gc=${name}}`, `\\p{Script=${name}}`]) {
    try {
      new RegExp(`[${source}]`, 'u');
      return source;
    } catch {
      // Not a name of this kind.
    }
  }
  return undefined;
}
