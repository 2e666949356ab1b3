import { redactor } from '../base/redact.ts';
import { getColors, type Painter } from './colors.ts';

/** What a command has of the world outside. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Results, for people or programs. */
  readonly stdout: Stream;
  /** Everything else. */
  readonly stderr: Stream;
}

export interface Stream {
  write(text: string): void;
  /** Writes a line. */
  line(text?: string): void;
  readonly paint: Painter;
  readonly isTerminal: boolean;
  /** The stream itself, for renderers that need its size. */
  readonly raw: NodeJS.WriteStream;
}

export function createContext(color: boolean): CliContext {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout: createStream(process.stdout, color),
    stderr: createStream(process.stderr, color),
  };
}

let hide = (text: string): string => text;

/**
 * Hides texts in everything that streams of any context write from now on: a process knows one template's secrets, and
 * lines of its files are shown in places that know nothing of them.
 */
export function hideInOutput(secrets: readonly string[]): void {
  const redact = redactor(secrets);
  hide = secrets.length === 0 ? redact : (text) => hiddenJson(text, redact) ?? redact(text);
}

/** JSON with texts hidden in its values: names of members are for programs. Undefined for what is no JSON. */
function hiddenJson(text: string, redact: (text: string) => string): string | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const hidden = (_name: string, inner: unknown): unknown => {
    if (typeof inner === 'string') return redact(inner);
    return typeof inner === 'number' && redact(String(inner)) === '<sensitive>' ? '<sensitive>' : inner;
  };
  return JSON.stringify(value, hidden, /^[[{]\n( +)/.exec(text)?.[1]);
}

/** A text without what `hideInOutput` was told to hide. */
export function withoutSecrets(text: string): string {
  return hide(text);
}

function createStream(raw: NodeJS.WriteStream, color: boolean): Stream {
  const isTerminal = raw.isTTY === true;
  return {
    raw,
    isTerminal,
    paint: getColors(color && isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb'),
    write: (text) => void raw.write(hide(text)),
    line: (text = '') => void raw.write(`${hide(text)}\n`),
  };
}
