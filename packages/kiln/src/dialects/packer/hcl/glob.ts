/**
 * A pattern in the notation of https://github.com/gobwas/glob without separators, as Packer's `-only` and `-except`
 * have it: `*` and `**` stand for any letters, dots included, `?` for one, `[abc]` and `[a-z]` for one of these,
 * `[!abc]` for any other, `{a,b}` for either, a backslash for the letter behind it.
 * Undefined when the pattern is not one.
 */
export function compileGlob(pattern: string): RegExp | undefined {
  const reader = new GlobReader(pattern);
  const source = reader.sequence(0);
  return source === undefined || !reader.atEnd ? undefined : new RegExp(`^(?:${source})$`, 'su');
}

class GlobReader {
  readonly #letters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#letters = [...pattern];
  }

  get atEnd(): boolean {
    return this.#at >= this.#letters.length;
  }

  /** Inside of braces it ends before a comma or the closing brace, elsewhere at the end of the pattern. */
  sequence(depth: number): string | undefined {
    let source = '';
    while (!this.atEnd) {
      const letter = this.#letters[this.#at]!;
      if (depth > 0 && (letter === ',' || letter === '}')) return source;
      this.#at++;
      const part = this.#part(letter, depth);
      if (part === undefined) return undefined;
      source += part;
    }
    return depth > 0 ? undefined : source;
  }

  #part(letter: string, depth: number): string | undefined {
    switch (letter) {
      case '*':
        return '.*';
      case '?':
        return '.';
      case '[':
        return this.#oneOf();
      case '{':
        return this.#alternatives(depth + 1);
      case '\\': {
        const next = this.#letters[this.#at++];
        return next === undefined ? undefined : quoted(next);
      }
      default:
        return quoted(letter);
    }
  }

  #oneOf(): string | undefined {
    const close = this.#letters.indexOf(']', this.#at);
    if (close < 0) return undefined;
    const content = this.#letters.slice(this.#at, close);
    this.#at = close + 1;
    const isOther = content[0] === '!';
    const letters = isOther ? content.slice(1) : content;
    if (letters.length === 0) return undefined;
    const isRange = letters.length === 3 && letters[1] === '-';
    if (isRange && letters[0]! > letters[2]!) return undefined;
    const source = isRange
      ? `${quoted(letters[0]!)}-${quoted(letters[2]!)}`
      : letters.map((one) => quoted(one)).join('');
    return `[${isOther ? '^' : ''}${source}]`;
  }

  #alternatives(depth: number): string | undefined {
    const choices: string[] = [];
    for (;;) {
      const choice = this.sequence(depth);
      if (choice === undefined) return undefined;
      choices.push(choice);
      if (this.#letters[this.#at++] === '}') return `(?:${choices.join('|')})`;
    }
  }
}

function quoted(letter: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(letter) ? `\\${letter}` : letter;
}
