import type { Stream } from '../context.ts';
import { widthOf } from './clean-line.ts';

/** A small terminal for tests: knows the sequences that the live view uses, and refuses others. */
export class Screen {
  cursorHidden = false;
  /** Lines that were pushed out at the top. */
  scrolled = 0;
  #columns: number;
  readonly #rows: number;
  #lines: string[] = [''];
  #row = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** What stands on the screen, without empty lines at the end. */
  visible(): string[] {
    const lines = [...this.#lines];
    while (lines.length > 0 && lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Lines that no longer fit are wrapped, as terminals do. */
  resize(columns: number): void {
    this.#columns = columns;
    const wrapped: string[] = [];
    for (const line of this.#lines) {
      let rest = line;
      do {
        wrapped.push(rest.slice(0, columns));
        rest = rest.slice(columns);
      } while (rest !== '');
    }
    this.#lines = wrapped;
    this.#row = wrapped.length - 1;
  }

  write(text: string): void {
    const pattern = /\x1b\[(\??)(\d*)([a-zA-Z])|\r|\n|[^\x1b\r\n]+/gy;
    while (pattern.lastIndex < text.length) {
      const at = pattern.lastIndex;
      const match = pattern.exec(text);
      if (!match) throw new Error(`not understood: ${JSON.stringify(text.slice(at, at + 20))}`);
      if (match[3] !== undefined) this.#sequence(match[1]!, match[2]!, match[3]);
      else if (match[0] === '\n') this.#newLine();
      else if (match[0] !== '\r') this.#print(match[0]);
    }
  }

  #print(text: string): void {
    if (widthOf(text) > this.#columns) throw new Error(`the line would wrap: ${text}`);
    this.#lines[this.#row] = text;
  }

  #newLine(): void {
    this.#row++;
    if (this.#row === this.#lines.length) this.#lines.push('');
    if (this.#lines.length <= this.#rows) return;
    this.#lines.shift();
    this.#row--;
    this.scrolled++;
  }

  #sequence(mark: string, number: string, letter: string): void {
    const name = `${mark}${number}${letter}`;
    if (name === '?25l' || name === '?25h') this.cursorHidden = name === '?25l';
    else if (letter === 'A') this.#row = Math.max(0, this.#row - Number(number));
    else if (name === 'J') {
      this.#lines = this.#lines.slice(0, this.#row);
      this.#lines.push('');
    } else if (name !== '?2026h' && name !== '?2026l') throw new Error(`unknown sequence ${name}`);
  }
}

/** A terminal of the given size that remembers what people would see. */
export function makeTerminal(columns: number, rows: number) {
  const screen = new Screen(columns, rows);
  const listeners = new Map<string, () => void>();
  const raw = {
    columns,
    rows,
    on: (name: string, listener: () => void) => void listeners.set(name, listener),
    off: (name: string) => void listeners.delete(name),
  };
  const stream: Stream = {
    raw: raw as unknown as NodeJS.WriteStream,
    isTerminal: true,
    paint: (_color, text) => text,
    write: (text) => screen.write(text),
    line: (text = '') => screen.write(`${text}\n`),
  };
  const resize = (wide: number) => {
    raw.columns = wide;
    screen.resize(wide);
    listeners.get('resize')?.();
  };
  return { screen, stream, resize, listeners };
}
