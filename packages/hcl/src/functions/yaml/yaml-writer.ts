import { checkTextSize } from '../support/limits.ts';

/** Lines are folded at the first space past this. */
const bestWidth = 80;

const escapes: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);

/** Writes the parts of a YAML document, and keeps in mind where in a line it is. */
export class YamlWriter {
  #text = '';
  #column = 0;
  /** Whether what was written last separates what follows. */
  #isSpace = true;
  #isIndention = true;

  get text(): string {
    return this.#text;
  }

  /** Whether only indention, and indicators that count as such, have been written to this line. */
  get isIndention(): boolean {
    return this.#isIndention;
  }

  /** Goes to that column of an empty line, which may be this one. */
  startLine(indent: number): void {
    if (!this.#isIndention || this.#column > indent || (this.#column === indent && !this.#isSpace))
      this.#break();
    this.#put(' '.repeat(indent - this.#column));
    this.#isSpace = true;
    this.#isIndention = true;
  }

  indicator(
    text: string,
    options: {
      readonly spaceBefore?: boolean;
      readonly isSpace?: boolean;
      readonly isIndention?: boolean;
    } = {},
  ): void {
    if (options.spaceBefore && !this.#isSpace) this.#put(' ');
    this.#put(text);
    this.#isSpace = options.isSpace === true;
    this.#isIndention &&= options.isIndention === true;
  }

  plain(text: string): void {
    if (!this.#isSpace) this.#put(' ');
    this.#put(text);
    this.#isSpace = false;
    this.#isIndention = false;
  }

  doubleQuoted(text: string, indent: number, mayFold: boolean): void {
    this.indicator('"', { spaceBefore: true });
    const characters = [...text];
    let afterSpace = false;
    for (const [index, character] of characters.entries()) {
      if (character === ' ') {
        const isInside = index > 0 && index < characters.length - 1;
        if (mayFold && !afterSpace && this.#column > bestWidth && isInside) {
          this.startLine(indent);
          if (characters[index + 1] === ' ') this.#put('\\');
        } else {
          this.#put(' ');
        }
        afterSpace = true;
      } else {
        this.#put(isPlainCharacter(character) ? character : escaped(character));
        afterSpace = false;
      }
    }
    this.indicator('"');
    this.#isIndention = false;
  }

  literal(text: string, indent: number): void {
    this.indicator('|', { spaceBefore: true });
    if (/^[ \n\r\x85\u2028\u2029]/.test(text)) this.indicator('2');
    const breaks = /[\n\r\x85\u2028\u2029]*$/.exec(text)![0].length;
    if (breaks === 0) this.indicator('-');
    else if (breaks > 1 || text.length === 1) this.indicator('+');
    this.#break();
    this.#isIndention = true;
    this.#isSpace = true;
    for (const line of text.match(/[^\n\r\x85\u2028\u2029]+|[\n\r\x85\u2028\u2029]/g) ?? []) {
      if (line.length === 1 && /[\n\r\x85\u2028\u2029]/.test(line)) {
        this.#text += line;
        this.#column = 0;
        this.#isIndention = true;
      } else {
        this.startLine(indent);
        this.#put(line);
        this.#isIndention = false;
      }
    }
  }

  #put(text: string): void {
    this.#text += text;
    this.#column += text.length;
    checkTextSize(this.#text.length);
  }

  #break(): void {
    this.#text += '\n';
    this.#column = 0;
  }
}

/** Astral characters are escaped, too. */
function isPlainCharacter(character: string): boolean {
  return (
    /^[\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(character) &&
    !/["\\\u2028\u2029]/.test(character)
  );
}

function escaped(character: string): string {
  const short = escapes.get(character);
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0)!;
  const [letter, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code
    .toString(16)
    .toUpperCase()
    .padStart(width as number, '0')}`;
}
