import { machineRow } from './machine-row.ts';

/** How a command of `kiln packer` speaks: lines for people, or rows for programs. Everything goes to standard output. */
export interface PackerUi {
  /** Rows are wanted, so colours and questions are not. */
  readonly isMachineReadable: boolean;
  say(text: string): void;
  error(text: string): void;
  /** A row that only programs get. `target` is the build it is about, or empty. */
  machine(target: string, type: string, ...data: readonly string[]): void;
  /** Hides the secrets of a template in everything from now on. */
  hide(redact: (text: string) => string): void;
}

export interface UiOutput {
  readonly write: (text: string) => void;
  /** Gets a copy of what is said; for PACKER_LOG. */
  readonly log: (text: string) => void;
}

export function createHumanUi({ write, log }: UiOutput): PackerUi {
  let redact = (text: string) => text;
  const print = (text: string) => {
    const safe = redact(text);
    log(`ui: ${safe}`);
    write(`${safe}\n`);
  };
  return {
    isMachineReadable: false,
    say: print,
    error: print,
    machine: (target, type, ...data) => log(redact(`machine readable: ${target},${type} ${data.join(',')}`)),
    hide: (wanted) => {
      redact = wanted;
    },
  };
}

export function createMachineUi({ write, log }: UiOutput): PackerUi {
  let redact = (text: string) => text;
  const row = (target: string, type: string, data: readonly string[]) => {
    const text = machineRow(new Date(), target, type, data.map(redact));
    log(`ui: ${text.trimEnd()}`);
    write(text);
  };
  return {
    isMachineReadable: true,
    say: (text) => row('', 'ui', ['say', text]),
    error: (text) => row('', 'ui', ['error', text]),
    machine: (target, type, ...data) => row(target, type, data),
    hide: (wanted) => {
      redact = wanted;
    },
  };
}
