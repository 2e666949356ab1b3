import { KilnError, messageOf } from '../../packages/kiln/src/base/errors.ts';

/** What a reader has said about a text. */
export interface Said {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Undefined where a reader has no places. */
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

export interface Reading {
  /** Whether the text could be used. */
  readonly isGood: boolean;
  readonly said: readonly Said[];
}

/** A reader that is fed with mutants. */
export interface Target {
  readonly name: string;
  /** The name that the text has for the reader, which its messages show. */
  readonly file: string;
  /** Other files that its messages may be about, with their texts. */
  readonly others?: Readonly<Record<string, string>>;
  readonly read: (text: string) => Reading | Promise<Reading>;
  /** Longest processor time for a text, in milliseconds. */
  readonly timeLimit?: number;
  /** A mistake may be thrown as a KilnError, instead of being said. */
  readonly mayThrow?: boolean;
}

const usualTimeLimit = 2_000;
const longestMessage = 4_000;

export interface Verdict {
  /** What the reader must not do, whatever the text is; undefined when it did nothing of that kind. */
  readonly fault: string | undefined;
  readonly isGood: boolean;
}

/** Lets a reader read a text, and looks at what it does. */
export async function judge(target: Target, text: string): Promise<Verdict> {
  const before = process.cpuUsage();
  let reading: Reading;
  try {
    reading = await target.read(text);
  } catch (error) {
    if (error instanceof KilnError && error.code !== 'internal' && target.mayThrow) {
      return { fault: wordsFault(messageOf(error) + (error.hint ?? ''), text), isGood: false };
    }
    const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { fault: `threw ${shown}`, isGood: false };
  }
  const { user, system } = process.cpuUsage(before);
  const timeLimit = target.timeLimit ?? usualTimeLimit;
  const isSlow = (user + system) / 1000 > timeLimit;
  const fault = isSlow ? `took more than ${timeLimit} ms` : readingFault(reading, target, text);
  return { fault, isGood: reading.isGood };
}

function readingFault(reading: Reading, target: Target, text: string): string | undefined {
  const errors = reading.said.filter(({ severity }) => severity === 'error');
  if (reading.isGood && errors.length > 0) return 'is good in spite of an error';
  if (!reading.isGood && errors.length === 0) return 'is refused without an error';
  for (const one of reading.said) {
    const fault = wordsFault(one.message, text) ?? placeFault(one, target, text);
    if (fault !== undefined) return `${fault}: ${one.message.slice(0, 500)}`;
  }
  return undefined;
}

function wordsFault(message: string, text: string): string | undefined {
  if (/\n\s+at .*:\d+|node:internal|\.[cm]?[jt]s:\d+/.test(message)) return 'shows a stack';
  // A policy of PowerShell is called so.
  const words = message.replace('restricted, undefined, unrestricted', '');
  for (const word of ['[object ', 'undefined', 'NaN']) {
    if (words.includes(word) && !text.includes(word)) return `says ${word}`;
  }
  if (message.length > longestMessage) return `says ${longestMessage} characters and more`;
  if (message.trim() === '') return 'says nothing';
  return undefined;
}

function placeFault({ at }: Said, target: Target, text: string): string | undefined {
  if (!at) return target.mayThrow ? undefined : 'names no place';
  const content = at.file === target.file ? text : target.others?.[at.file];
  if (content === undefined) return `names the file ${at.file}`;
  const lines = content.split('\n');
  const line = lines[at.line - 1];
  const isInside = line !== undefined && at.column >= 1 && at.column <= line.length + 1;
  return isInside ? undefined : `names ${at.line}:${at.column}, which is outside of the text`;
}
