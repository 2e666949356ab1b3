import type { Stream } from '../context.ts';

/**
 * How `kiln vagrant` speaks: lines for people, or lines for programs
 * (https://developer.hashicorp.com/vagrant/docs/cli/machine-readable). Lines about one machine begin with its name.
 */
export interface VagrantUi {
  readonly isMachineReadable: boolean;
  /** A question can be put to the person at the terminal. */
  readonly canAsk: boolean;
  info(text: string): void;
  output(text: string): void;
  /** What belongs to the line before. */
  detail(text: string): void;
  success(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** A part of a line for people; programs get a line of its own. */
  part(text: string): void;
  /** A line for programs alone. */
  machine(type: string, ...data: readonly string[]): void;
  /** Writes as it is, in both kinds: what a program that reads the output wants to have. */
  raw(text: string): void;
  /** The same, about one machine. */
  readonly of: (target: string) => VagrantUi;
  /** The same without the machine's name in front of lines for people. */
  readonly plain: VagrantUi;
}

export interface UiOutput {
  readonly stdout: Pick<Stream, 'write' | 'paint'>;
  readonly stderr: Pick<Stream, 'write' | 'paint'>;
  readonly canAsk: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

type Level = 'info' | 'output' | 'detail' | 'success' | 'warn' | 'error';

const colors = { success: 'green', warn: 'yellow', error: 'red' } as const;

export function humanUi(out: UiOutput, target = '', isPlain = false): VagrantUi {
  const say = (level: Level) => (text: string) => {
    const stream = level === 'error' ? out.stderr : out.stdout;
    const lines = text.replace(/\n$/, '').split('\n');
    const color = level in colors ? colors[level as keyof typeof colors] : undefined;
    for (const line of lines) {
      const painted = color === undefined ? line : stream.paint(color, line);
      stream.write(`${prefixOf(level, target, isPlain)}${painted}\n`);
    }
  };
  return {
    isMachineReadable: false,
    canAsk: out.canAsk,
    ...levels(say),
    part: (text) => out.stdout.write(text),
    machine: () => {},
    raw: (text) => out.stdout.write(text),
    of: (name) => humanUi(out, name),
    get plain() {
      return humanUi(out, target, true);
    },
  };
}

function prefixOf(level: Level, target: string, isPlain: boolean): string {
  if (target === '' || isPlain) return '';
  return level === 'detail' ? `    ${target}: ` : `==> ${target}: `;
}

export function machineUi(out: UiOutput, target = '', isPlain = false): VagrantUi {
  const now = out.now ?? Date.now;
  const row = (...fields: readonly string[]) =>
    out.stdout.write(`${[String(Math.floor(now() / 1000)), target, ...fields].join(',')}\n`);
  // The words for people are as people would see them.
  const shown = (level: Level, text: string) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${prefixOf(level, target, isPlain)}${line}`)
      .join('\n');
  return {
    isMachineReadable: true,
    canAsk: false,
    ...levels((level) => (text) => row('ui', level, escapeField(shown(level, text)))),
    part: (text) => row('ui', 'info', escapeField(text)),
    machine: (type, ...data) => row(type, ...data.map(escapeField)),
    raw: (text) => out.stdout.write(text),
    of: (name) => machineUi(out, name),
    get plain() {
      return machineUi(out, target, true);
    },
  };
}

function levels(say: (level: Level) => (text: string) => void) {
  return {
    info: say('info'),
    output: say('output'),
    detail: say('detail'),
    success: say('success'),
    warn: say('warn'),
    error: say('error'),
  };
}

/** A field of a line has no commas and no line ends. */
export function escapeField(text: string): string {
  return text.replaceAll(',', '%!(VAGRANT_COMMA)').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
