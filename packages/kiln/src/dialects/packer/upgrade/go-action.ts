/** A Go template's text cut into plain text and actions, those that HCL2 may have words for understood. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `source` is all of it, with its braces. */
  | { readonly kind: 'action'; readonly source: string; readonly call: GoOperand | undefined };

/** What an action works out: a constant, or a function with what it is given. */
export type GoOperand =
  | { readonly kind: 'constant'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly GoOperand[] };

/** Cuts a text at its actions (https://pkg.go.dev/text/template#hdr-Actions). One without an end is plain text. */
export function cutAtActions(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('{{', at);
    const end = start < 0 ? -1 : endOfAction(text, start + 2);
    if (end < 0) break;
    if (start > at) parts.push({ kind: 'text', text: text.slice(at, start) });
    const source = text.slice(start, end);
    parts.push({ kind: 'action', source, call: parseAction(source) });
    at = end;
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) });
  return parts;
}

/** Behind the braces that close an action; those inside of its texts do not. */
function endOfAction(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('}}', at)) return at + 2;
    const quote = text[at];
    if (quote !== '"' && quote !== '`') continue;
    at = endOfQuoted(text, at);
    if (at < 0) return -1;
  }
  return -1;
}

/** At the quote that closes a text, or -1. */
function endOfQuoted(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/** The call of an action that is one pipeline and nothing more. */
function parseAction(source: string): GoOperand | undefined {
  // Trimmed space around it would be lost in HCL2.
  if (/^\{\{-\s|\s-\}\}$/.test(source)) return undefined;
  const words = wordsOf(source.slice(2, -2));
  if (!words) return undefined;
  const reader = new PipelineReader(words);
  const call = reader.pipeline();
  return call && reader.isAtEnd ? call : undefined;
}

type Word = { readonly kind: 'name' | 'sign'; readonly text: string } | (GoOperand & { kind: 'constant' });

function wordsOf(text: string): Word[] | undefined {
  const words: Word[] = [];
  const pattern = /\s+|([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+)(?![\w.])|([|()])/gy;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    at = pattern.lastIndex;
    const [, name, quoted, raw, number, sign] = match;
    if (name !== undefined) words.push({ kind: 'name', text: name });
    else if (sign !== undefined) words.push({ kind: 'sign', text: sign });
    else if (raw !== undefined) words.push({ kind: 'constant', value: raw });
    else if (number !== undefined) words.push({ kind: 'constant', value: Number(number) });
    else if (quoted !== undefined) {
      const value = unquoted(quoted);
      if (value === undefined) return undefined;
      words.push({ kind: 'constant', value });
    }
  }
  return words;
}

/** Go's escapes as far as JSON has them, which is all that templates use. */
function unquoted(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}

class PipelineReader {
  readonly #words: readonly Word[];
  #at = 0;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }

  /** What stands before a bar becomes the last argument of what stands behind it. */
  pipeline(): GoOperand | undefined {
    let result = this.#command();
    while (result && this.#takes('|')) {
      const next = this.#command();
      if (next?.kind !== 'call') return undefined;
      result = { ...next, args: [...next.args, result] };
    }
    return result;
  }

  #command(): GoOperand | undefined {
    const word = this.#words[this.#at];
    if (word?.kind !== 'name') return this.#operand();
    this.#at++;
    const args: GoOperand[] = [];
    for (let operand = this.#operand(); operand; operand = this.#operand()) args.push(operand);
    return { kind: 'call', name: word.text, args };
  }

  #operand(): GoOperand | undefined {
    const word = this.#words[this.#at];
    if (!word) return undefined;
    if (word.kind === 'constant') {
      this.#at++;
      return word;
    }
    if (word.kind === 'name') {
      this.#at++;
      return { kind: 'call', name: word.text, args: [] };
    }
    if (!this.#takes('(')) return undefined;
    const inner = this.pipeline();
    return inner && this.#takes(')') ? inner : undefined;
  }

  #takes(sign: string): boolean {
    const word = this.#words[this.#at];
    if (word?.kind !== 'sign' || word.text !== sign) return false;
    this.#at++;
    return true;
  }
}
