import type { PackerUi } from './ui.ts';

export interface BuildUiOptions {
  /** Code of the build's colour (SGR), or undefined where colours are not wanted. */
  readonly color: number | undefined;
  /** Put the time in front of everything. */
  readonly timestamps: boolean;
}

/** Colours of builds in their order, as SGR codes: green, cyan, magenta, yellow, blue. */
export const buildColors = [32, 36, 35, 33, 34] as const;

const red = 31;

/**
 * How one build speaks: each line is `==> name: …`, in the build's colour, with errors in red. Colours are given
 * whether or not anybody watches, as with Packer.
 */
export class BuildUi {
  readonly #ui: PackerUi;
  readonly #options: BuildUiOptions;

  constructor(ui: PackerUi, options: BuildUiOptions) {
    this.#ui = ui;
    this.#options = options;
  }

  /** A text without a name in front. */
  plain(text: string): void {
    this.#ui.say(this.#painted(this.#stamped(text), this.#options.color));
  }

  plainError(text: string): void {
    this.#ui.error(this.#painted(this.#stamped(text), red));
  }

  say(name: string, text: string): void {
    this.plain(prefixed(name, text));
  }

  error(name: string, text: string): void {
    this.plainError(prefixed(name, text));
  }

  /** That the build will speak in this colour. No time stands there. */
  introduce(name: string): void {
    this.#ui.say(this.#painted(`${name}: output will be in this color.`, this.#options.color));
  }

  #stamped(text: string): string {
    return this.#options.timestamps ? `${localTime(new Date())}: ${text}` : text;
  }

  #painted(text: string, color: number | undefined): string {
    if (this.#options.color === undefined || color === undefined) return text;
    return `\x1b[1;${color}m${text}\x1b[0m`;
  }
}

function prefixed(name: string, text: string): string {
  return text
    .split('\n')
    .map((line) => `==> ${name}: ${line}`)
    .join('\n')
    .trimEnd();
}

/** The local time as RFC 3339 has it, with seconds. */
export function localTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const offset = -time.getTimezoneOffset();
  const zone =
    offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}${zone}`;
}
