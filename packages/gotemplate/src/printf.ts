import { formatValue, plainOptions, type VerbOptions } from './format-value.ts';
import { type GoValue, typeName } from './values.ts';

/** Widths and precisions above this are mistakes, as in Go. */
const sizeLimit = 1_000_000;

/** Go's fmt.Sprintf. Wrong formats do not throw: they print what is wrong with them, as in Go. */
export function sprintf(format: string, values: readonly GoValue[]): string {
  return new Printer(format, values).run();
}

/** Go's fmt.Sprint: a space between two operands when neither is a string. */
export function sprint(values: readonly GoValue[]): string {
  let result = '';
  values.forEach((value, index) => {
    const previous = values[index - 1];
    if (index > 0 && typeof value !== 'string' && typeof previous !== 'string') result += ' ';
    result += formatValue(value, 'v', plainOptions);
  });
  return result;
}

export function sprintln(values: readonly GoValue[]): string {
  return `${values.map((value) => formatValue(value, 'v', plainOptions)).join(' ')}\n`;
}

class Printer {
  readonly #format: string;
  readonly #values: readonly GoValue[];
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;

  constructor(format: string, values: readonly GoValue[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    let result = '';
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      const end = percent === -1 ? this.#format.length : percent;
      result += this.#format.slice(this.#at, end);
      this.#at = end + 1;
      if (percent !== -1) result += this.#verb();
    }
    if (!this.#reordered && this.#next < this.#values.length) {
      const extra = this.#values
        .slice(this.#next)
        .map((value) =>
          value === undefined || value === null
            ? '<nil>'
            : `${typeName(value)}=${formatValue(value, 'v', plainOptions)}`,
        );
      result += `%!(EXTRA ${extra.join(', ')})`;
    }
    return result;
  }

  #verb(): string {
    let problem = '';
    this.#goodIndex = true;
    let afterIndex = false;
    const flags = /^[-+# 0]*/.exec(this.#format.slice(this.#at))![0];
    this.#at += flags.length;
    afterIndex = this.#index();
    let minus = flags.includes('-');
    let width: number | undefined;
    if (this.#format[this.#at] === '*') {
      this.#at++;
      width = this.#size();
      if (width === undefined) problem += '%!(BADWIDTH)';
      else if (width < 0) {
        minus = true;
        width = -width;
      }
      afterIndex = false;
    } else {
      width = this.#digits();
      if (afterIndex && width !== undefined) this.#goodIndex = false;
    }
    let precision: number | undefined;
    if (this.#format[this.#at] === '.') {
      this.#at++;
      if (afterIndex) this.#goodIndex = false;
      afterIndex = this.#index();
      if (this.#format[this.#at] === '*') {
        this.#at++;
        precision = this.#size();
        if (precision === undefined || precision < 0) {
          problem += '%!(BADPREC)';
          precision = undefined;
        }
        afterIndex = false;
      } else {
        precision = this.#digits() ?? 0;
      }
    }
    if (!afterIndex) this.#index();
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) return `${problem}%!(NOVERB)`;
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    if (verb === '%') return `${problem}%`;
    if (!this.#goodIndex) return `${problem}%!${verb}(BADINDEX)`;
    if (this.#next >= this.#values.length) return `${problem}%!${verb}(MISSING)`;
    const options: VerbOptions = {
      minus,
      plus: flags.includes('+'),
      sharp: flags.includes('#'),
      space: flags.includes(' '),
      zero: flags.includes('0') && !minus,
      ...(width !== undefined && { width }),
      ...(precision !== undefined && { precision }),
    };
    return problem + formatValue(this.#values[this.#next++], verb, options);
  }

  /** An explicit argument index such as `[2]`. */
  #index(): boolean {
    if (this.#format[this.#at] !== '[') return false;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#at);
    const number = close === -1 ? Number.NaN : Number(this.#format.slice(this.#at + 1, close));
    this.#at = close === -1 ? this.#at + 1 : close + 1;
    if (!Number.isInteger(number) || number < 1 || number > this.#values.length) {
      this.#goodIndex = false;
      return close !== -1;
    }
    this.#next = number - 1;
    return true;
  }

  #digits(): number | undefined {
    const digits = /^\d*/.exec(this.#format.slice(this.#at, this.#at + 20))![0];
    this.#at += digits.length;
    return digits === '' || Number(digits) > sizeLimit ? undefined : Number(digits);
  }

  #size(): number | undefined {
    const value = this.#values[this.#next];
    if (this.#next < this.#values.length) this.#next++;
    if (typeof value !== 'bigint' || value > sizeLimit || value < -sizeLimit) return undefined;
    return Number(value);
  }
}
