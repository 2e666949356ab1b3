import { FunctionError } from '../function.ts';

/** One place in a format string where an argument goes, such as `%-5.2[1]f`. */
export interface Verb {
  /** The verb as it is written. */
  readonly raw: string;
  /** Where it starts, in bytes as users of other tools expect. */
  readonly offset: number;
  /** Which argument, from 1. */
  readonly argument: number;
  /** The letter. */
  readonly letter: string;
  readonly zero: boolean;
  readonly sharp: boolean;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly space: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** Wider fields than this are mistakes, or meant to fill the memory. */
const maxWidth = 100_000;

const verbPattern = /%([-+ #0]*)([1-9]\d*)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?([A-Za-z])/y;

/**
 * Splits a format string into plain text and verbs.
 * @throws FunctionError
 */
export function parseFormat(format: string): readonly (string | Verb)[] {
  const parts: (string | Verb)[] = [];
  let next = 1;
  let end = 0;
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', end)) {
    parts.push(format.slice(end, at));
    if (format[at + 1] === '%') {
      parts.push('%');
      end = at + 2;
      continue;
    }
    verbPattern.lastIndex = at;
    const match = verbPattern.exec(format);
    if (!match) throw invalidVerb(format, at);
    const [raw, flags, width, precision, argument, letter] = match;
    const verb: Verb = {
      raw,
      offset: Buffer.byteLength(format.slice(0, at)),
      argument: argument === undefined ? next : Number(argument),
      letter: letter!,
      zero: flags!.includes('0'),
      sharp: flags!.includes('#'),
      plus: flags!.includes('+'),
      minus: flags!.includes('-'),
      space: flags!.includes(' '),
      width: width === undefined ? undefined : Number(width),
      precision: precision === undefined ? undefined : Number(precision),
    };
    if ((verb.width ?? 0) > maxWidth || (verb.precision ?? 0) > maxWidth) {
      throw new FunctionError(
        `Width and precision can be at most ${maxWidth}, but the format says "${raw}".`,
        0,
      );
    }
    parts.push(verb);
    next = verb.argument + 1;
    end = at + raw.length;
  }
  parts.push(format.slice(end));
  return parts;
}

function invalidVerb(format: string, at: number): FunctionError {
  const offset = Buffer.byteLength(format.slice(0, at));
  return new FunctionError(
    `The "%" at offset ${offset} of the format does not begin a verb such as %s or %5.2f; for a percent sign write %%.`,
    0,
  );
}
