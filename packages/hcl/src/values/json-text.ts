/** A text that is not JSON, or JSON that does not fit. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonError';
  }
}

/** JSON as it is written: numbers keep their text, of members with the same name the last one counts. */
export type JsonNode =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonNode> };

/** How deep arrays and objects may stand in each other. */
export const jsonDepthLimit = 1000;

/**
 * Reads JSON: https://www.rfc-editor.org/rfc/rfc8259
 * @throws JsonError with the line and column of the mistake
 */
export function parseJson(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.node(0);
  reader.end();
  return node;
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const spacePattern = /[ \t\r\n]*/y;
/** Up to what needs a closer look. */
const plainPattern = /[^"\\\x00-\x1f]*/y;
const words: ReadonlyMap<string, JsonNode> = new Map<string, JsonNode>([
  ['true', { kind: 'bool', value: true }],
  ['false', { kind: 'bool', value: false }],
  ['null', { kind: 'null' }],
]);
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  node(depth: number): JsonNode {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === '{' || character === '[') {
      if (depth >= jsonDepthLimit) throw this.#fault(`it is nested more than ${jsonDepthLimit} levels deep`);
      this.#at += 1;
      return character === '{' ? this.#object(depth) : this.#array(depth);
    }
    if (character === '"') return { kind: 'string', value: this.#string() };
    const number = this.#match(numberPattern);
    if (number !== '') return { kind: 'number', text: number };
    for (const [word, node] of words) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return node;
    }
    throw this.#unexpected('a value');
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    if (this.#takes(']')) return { kind: 'array', items };
    do items.push(this.node(depth + 1));
    while (this.#takes(','));
    if (!this.#takes(']')) throw this.#unexpected('"," or "]"');
    return { kind: 'array', items };
  }

  #object(depth: number): JsonNode {
    const members = new Map<string, JsonNode>();
    if (this.#takes('}')) return { kind: 'object', members };
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a name in quotes');
      const name = this.#string();
      if (!this.#takes(':')) throw this.#unexpected('":"');
      members.set(name, this.node(depth + 1));
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#unexpected('"," or "}"');
    return { kind: 'object', members };
  }

  #string(): string {
    this.#at += 1;
    const parts: string[] = [];
    while (true) {
      parts.push(this.#match(plainPattern));
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at += 1;
        // Halves of surrogate pairs are no text.
        return parts.join('').toWellFormed();
      }
      if (character !== '\\') throw this.#unexpected('the end of the string');
      parts.push(this.#escape());
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const simple = escapes[letter];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits))
      throw this.#fault('this escape is not one of JSON');
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #skipSpace(): void {
    this.#match(spacePattern);
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #unexpected(wanted: string): JsonError {
    if (this.#at >= this.#text.length) return this.#fault(`it ends where ${wanted} should be`);
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    return this.#fault(`there is ${JSON.stringify(character)} where ${wanted} should be`);
  }

  #fault(reason: string): JsonError {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - before.lastIndexOf('\n');
    return new JsonError(`this is not JSON: line ${line}, column ${column}: ${reason}`);
  }
}

const escapePattern = /["\\<>&\x00-\x1f\u2028\u2029]/g;
const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** A string as Go's encoding/json writes it: also `<`, `>` and `&` are escaped, so that the text is safe in HTML. */
export function quoteJson(text: string): string {
  const quoted = text.toWellFormed().replace(escapePattern, (character) => {
    return shortEscapes.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${quoted}"`;
}
