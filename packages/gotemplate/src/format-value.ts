import { binaryDigits, exponentDigits, exponentText, fixedDigits, hexDigits } from './float-digits.ts';
import { quoteRune, quoteString } from './quoting.ts';
import { fromJavaScript, GoComplex, type GoValue, isMap, sortedEntries, typeName } from './values.ts';

/** Flags, width and precision of one printf verb. */
export interface VerbOptions {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width?: number;
  readonly precision?: number;
}

export const plainOptions: VerbOptions = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
};

const depthLimit = 100;

/** One value in the manner of a verb of Go's package fmt (https://pkg.go.dev/fmt). */
export function formatValue(value: GoValue, verb: string, options: VerbOptions, depth = 0): string {
  if (verb === 'T') return pad(typeName(value), options);
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', options) : `%!${verb}(<nil>)`;
  if (typeof value === 'boolean') {
    return verb === 't' || verb === 'v' ? pad(String(value), options) : badVerb(verb, value);
  }
  if (typeof value === 'bigint') return formatInteger(value, verb, options);
  if (typeof value === 'number') return formatFloat(value, verb, options);
  if (typeof value === 'string') return formatString(value, verb, options);
  if (value instanceof GoComplex) {
    const imaginary = formatFloat(value.imaginary, verb, { ...options, plus: true });
    return `(${formatFloat(value.real, verb, options)}${imaginary}i)`;
  }
  if (depth > depthLimit) return '...';
  if (Array.isArray(value)) {
    const items = value.map((item) => formatValue(fromJavaScript(item), verb, options, depth + 1));
    return `[${items.join(' ')}]`;
  }
  if (isMap(value)) {
    const entries = sortedEntries(value).map(
      ([key, item]) => `${formatString(key, verb, options)}:${formatValue(item, verb, options, depth + 1)}`,
    );
    return `map[${entries.join(' ')}]`;
  }
  return badVerb(verb, value);
}

/** What Go prints in place of a value that a verb does not fit. */
function badVerb(verb: string, value: GoValue): string {
  return `%!${verb}(${typeName(value)}=${formatValue(value, 'v', plainOptions)})`;
}

function pad(text: string, options: VerbOptions): string {
  const missing = (options.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (options.minus) return text + ' '.repeat(missing);
  return (options.zero ? '0' : ' ').repeat(missing) + text;
}

function formatString(text: string, verb: string, options: VerbOptions): string {
  const cut = options.precision === undefined ? text : [...text].slice(0, options.precision).join('');
  switch (verb) {
    case 'v':
      return pad(options.sharp ? quoteString(text) : cut, options);
    case 's':
      return pad(cut, options);
    case 'q':
      return pad(
        options.sharp && !/[`\u0000-\u001f]/.test(cut) ? `\`${cut}\`` : quoteString(cut, options.plus),
        options,
      );
    case 'x':
    case 'X': {
      const pairs = [...Buffer.from(text).subarray(0, options.precision)].map((byte) =>
        byte.toString(16).padStart(2, '0'),
      );
      const prefix = options.sharp ? '0x' : '';
      const joined = pairs.length === 0 ? '' : prefix + pairs.join(options.space ? ` ${prefix}` : '');
      return pad(verb === 'X' ? joined.toUpperCase() : joined, options);
    }
    default:
      return badVerb(verb, text);
  }
}

const bases: Readonly<Record<string, { readonly base: number; readonly prefix: string }>> = {
  d: { base: 10, prefix: '' },
  v: { base: 10, prefix: '' },
  b: { base: 2, prefix: '0b' },
  o: { base: 8, prefix: '0' },
  O: { base: 8, prefix: '0o' },
  x: { base: 16, prefix: '0x' },
  X: { base: 16, prefix: '0X' },
};

function formatInteger(value: bigint, verb: string, options: VerbOptions): string {
  const codePoint = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  if (verb === 'c') return pad(String.fromCodePoint(codePoint), options);
  if (verb === 'q') return pad(quoteRune(codePoint, options.plus), options);
  if (verb === 'U') {
    const name = `U+${value
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(4, options.precision ?? 0), '0')}`;
    return pad(options.sharp ? `${name} '${String.fromCodePoint(codePoint)}'` : name, {
      ...options,
      zero: false,
    });
  }
  const base = bases[verb];
  if (!base) return badVerb(verb, value);
  const negative = value < 0n;
  const sign = negative ? '-' : options.plus ? '+' : options.space ? ' ' : '';
  let digits = (negative ? -value : value).toString(base.base);
  if (verb === 'X') digits = digits.toUpperCase();
  if (options.precision === 0 && value === 0n) return pad('', { ...options, zero: false });
  const zeroes = options.zero && !options.minus ? (options.width ?? 0) - sign.length : 0;
  digits = digits.padStart(options.precision ?? zeroes, '0');
  const prefix =
    verb === 'O' || (options.sharp && !(verb === 'o' && digits.startsWith('0'))) ? base.prefix : '';
  return pad(sign + prefix + digits, { ...options, zero: false });
}

function formatFloat(value: number, verb: string, options: VerbOptions): string {
  const text = floatDigits(Math.abs(value), verb, options);
  if (text === undefined) return badVerb(verb, value);
  const negative = value < 0 || Object.is(value, -0);
  const infinite = !Number.isFinite(value) && !Number.isNaN(value);
  const sign = negative ? '-' : options.plus || infinite ? '+' : options.space ? ' ' : '';
  if (options.zero && Number.isFinite(value)) {
    return sign + pad(text, { ...options, width: (options.width ?? 0) - sign.length });
  }
  return pad(sign + text, { ...options, zero: false });
}

function floatDigits(magnitude: number, verb: string, options: VerbOptions): string | undefined {
  const { precision } = options;
  if (!'vgGeEfFxXb'.includes(verb)) return undefined;
  if (Number.isNaN(magnitude)) return 'NaN';
  if (magnitude === Number.POSITIVE_INFINITY) return 'Inf';
  switch (verb) {
    case 'f':
    case 'F':
      return fixedDigits(magnitude, precision ?? 6);
    case 'e':
      return exponentDigits(magnitude, precision ?? 6);
    case 'E':
      return exponentDigits(magnitude, precision ?? 6).toUpperCase();
    case 'b':
      return binaryDigits(magnitude);
    case 'x':
      return hexDigits(magnitude, precision);
    case 'X':
      return hexDigits(magnitude, precision).toUpperCase();
    case 'G':
      return general(magnitude, precision, options.sharp).toUpperCase();
    default:
      return general(magnitude, precision, options.sharp && verb !== 'v');
  }
}

/** `%g`: the shortest digits that name the value, or as many as the precision says. */
function general(magnitude: number, precision: number | undefined, keepZeroes: boolean): string {
  if (precision === undefined) {
    const [digits, power] = magnitude.toExponential().split('e');
    const exponent = Number(power);
    // Between these, JavaScript's own shortest form is without an exponent.
    return exponent < -4 || exponent >= 6 ? `${digits}e${exponentText(exponent)}` : String(magnitude);
  }
  const places = Math.max(precision, 1);
  const scientific = exponentDigits(magnitude, places - 1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  const text =
    exponent < -4 || exponent >= places ? scientific : fixedDigits(magnitude, places - 1 - exponent);
  if (keepZeroes) return text;
  return text.replace(/(\.\d*?)0+(e|$)/, '$1$2').replace(/\.(e|$)/, '$1');
}
