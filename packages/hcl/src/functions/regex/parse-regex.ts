import { CharacterSetBuilder } from './character-set.ts';
import { parseClass, parseEscape, perlOrUnicodeClass } from './parse-class.ts';
import { type PatternText, syntaxError } from './pattern-text.ts';
import type { Assertion, RegexNode, RegexSyntaxError } from './syntax-tree.ts';

export interface ParsedRegex {
  readonly node: RegexNode;
  /** Of the capturing groups in order; undefined for groups without a name. */
  readonly groupNames: readonly (string | undefined)[];
}

interface Flags {
  readonly foldCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

const noFlags: Flags = { foldCase: false, multiLine: false, dotAll: false, ungreedy: false };
const flagLetters: Readonly<Record<string, keyof Flags>> = {
  i: 'foldCase',
  m: 'multiLine',
  s: 'dotAll',
  U: 'ungreedy',
};

/** Groups within groups, and repetitions, have the limits that Go has. */
const maxDepth = 1000;
const maxRepeat = 1000;

const assertions: Readonly<Record<string, Assertion>> = {
  A: 'text start',
  z: 'text end',
  b: 'word boundary',
  B: 'no word boundary',
};

/**
 * Parses a pattern by the syntax of Go's package regexp (https://pkg.go.dev/regexp/syntax): no look-around and no
 * references to groups, so that matching never takes more than linear time.
 * @throws RegexSyntaxError
 */
export function parseRegex(pattern: string): ParsedRegex {
  const parser = new Parser({ source: [...pattern], offset: 0 });
  return { node: parser.parse(), groupNames: parser.groupNames };
}

class Parser {
  readonly groupNames: (string | undefined)[] = [];
  readonly #text: PatternText;
  #flags: Flags = noFlags;
  #depth = 0;

  constructor(text: PatternText) {
    this.#text = text;
  }

  parse(): RegexNode {
    const node = this.#alternatives();
    if (this.#text.offset < this.#text.source.length) throw this.#error('there is a ")" without a "("');
    return node;
  }

  #alternatives(): RegexNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? nodes[0]! : { kind: 'alternatives', nodes };
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    // A repetition applies to what is before it; after another repetition that is a mistake.
    let repeatable: 'nothing' | 'atom' | 'repetition' = 'nothing';
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      const repetition = this.#repetition();
      if (repetition) {
        if (repeatable === 'nothing') throw this.#error('a repetition has nothing to repeat');
        if (repeatable === 'repetition')
          throw this.#error('a repetition follows another; put the first in (?:...)');
        nodes.push(this.#repeated(nodes.pop()!, repetition));
        repeatable = 'repetition';
        continue;
      }
      this.#atom(nodes);
      repeatable = nodes.length > 0 ? 'atom' : 'nothing';
    }
    return nodes.length === 0
      ? { kind: 'empty' }
      : nodes.length === 1
        ? nodes[0]!
        : { kind: 'sequence', nodes };
  }

  #atom(nodes: RegexNode[]): void {
    const { source } = this.#text;
    const character = source[this.#text.offset++]!;
    switch (character) {
      case '(':
        this.#group(nodes);
        return;
      case '[':
        nodes.push({ kind: 'character', set: parseClass(this.#text, this.#flags.foldCase) });
        return;
      case '.':
        nodes.push(this.#dot());
        return;
      case '^':
        nodes.push({ kind: 'assertion', assertion: this.#flags.multiLine ? 'line start' : 'text start' });
        return;
      case '$':
        nodes.push({ kind: 'assertion', assertion: this.#flags.multiLine ? 'line end' : 'text end' });
        return;
      case '\\':
        this.#escape(nodes);
        return;
      default:
        nodes.push(this.#literal(character.codePointAt(0)!));
    }
  }

  #escape(nodes: RegexNode[]): void {
    const { source } = this.#text;
    const letter = source[this.#text.offset];
    if (letter !== undefined && Object.hasOwn(assertions, letter)) {
      this.#text.offset++;
      nodes.push({ kind: 'assertion', assertion: assertions[letter]! });
      return;
    }
    if (letter === 'Q') {
      this.#text.offset++;
      while (this.#text.offset < source.length) {
        if (this.#take('\\', 'E')) return;
        nodes.push(this.#literal(source[this.#text.offset++]!.codePointAt(0)!));
      }
      return;
    }
    const builder = new CharacterSetBuilder(this.#flags.foldCase);
    if (perlOrUnicodeClass(this.#text, builder)) nodes.push({ kind: 'character', set: builder.build() });
    else nodes.push(this.#literal(parseEscape(this.#text)));
  }

  #group(nodes: RegexNode[]): void {
    const outer = this.#flags;
    let capture: number | undefined;
    if (this.#take('?')) {
      if (this.#take('P', '<') || this.#take('<')) capture = this.#startCapture(this.#groupName());
      else if (this.#readFlags()) return;
    } else {
      capture = this.#startCapture(undefined);
    }
    if (++this.#depth > maxDepth) throw this.#error(`groups are nested more than ${maxDepth} deep`);
    const node = this.#alternatives();
    this.#depth--;
    if (!this.#take(')')) throw this.#error('a ")" is missing');
    this.#flags = outer;
    nodes.push(capture === undefined ? node : { kind: 'capture', index: capture, node });
  }

  #startCapture(name: string | undefined): number {
    this.groupNames.push(name);
    return this.groupNames.length;
  }

  #groupName(): string {
    const { source } = this.#text;
    const start = this.#text.offset;
    const end = source.indexOf('>', start);
    const name = end < 0 ? '' : source.slice(start, end).join('');
    if (!/^[0-9A-Za-z_]+$/.test(name))
      throw this.#error('the name of a group must be letters, digits and "_" in <>');
    this.#text.offset = end + 1;
    return name;
  }

  /** What follows `(?`. Returns whether that was all: flags for what comes after. Otherwise a group follows. */
  #readFlags(): boolean {
    let flags = this.#flags;
    let value = true;
    let seen = false;
    for (;;) {
      const letter = this.#text.source[this.#text.offset++];
      const flag = letter === undefined ? undefined : flagLetters[letter];
      if (flag !== undefined) {
        flags = { ...flags, [flag]: value };
        seen = true;
      } else if (letter === '-' && value) {
        value = false;
        seen = false;
      } else if ((letter === ':' || letter === ')') && (value || seen)) {
        this.#flags = flags;
        return letter === ')';
      } else if (letter === '=' || letter === '!' || letter === '<') {
        throw this.#error('look-ahead and look-behind are not supported');
      } else {
        throw this.#error('the flags after "(?" must be of i, m, s, U');
      }
    }
  }

  /** `*`, `+`, `?`, `{n,m}` at this place, read. */
  #repetition(): { readonly min: number; readonly max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    if (this.#peek() !== '{') return undefined;
    // Anything else in braces is plain text.
    const { source, offset } = this.#text;
    const match = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(source.slice(offset, offset + 24).join(''));
    if (!match) return undefined;
    const min = Number(match[1]);
    const max =
      match[2] === undefined ? min : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > maxRepeat || (max > maxRepeat && max !== Number.POSITIVE_INFINITY) || min > max) {
      throw this.#error(`the counts of ${match[0]} must be in order and at most ${maxRepeat}`);
    }
    this.#text.offset += match[0].length;
    return { min, max };
  }

  #repeated(node: RegexNode, { min, max }: { readonly min: number; readonly max: number }): RegexNode {
    const lazy = this.#take('?');
    return { kind: 'repeat', node, min, max, greedy: lazy === this.#flags.ungreedy };
  }

  #literal(codePoint: number): RegexNode {
    const builder = new CharacterSetBuilder(this.#flags.foldCase);
    builder.addRange(codePoint, codePoint);
    return { kind: 'character', set: builder.build() };
  }

  #dot(): RegexNode {
    const builder = new CharacterSetBuilder(false);
    if (!this.#flags.dotAll) builder.addRange(10, 10);
    return { kind: 'character', set: builder.build(true) };
  }

  #peek(): string | undefined {
    return this.#text.source[this.#text.offset];
  }

  #take(...wanted: readonly string[]): boolean {
    if (!wanted.every((character, index) => this.#text.source[this.#text.offset + index] === character))
      return false;
    this.#text.offset += wanted.length;
    return true;
  }

  #error(problem: string): RegexSyntaxError {
    return syntaxError(this.#text, problem);
  }
}
