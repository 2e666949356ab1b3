import { relative } from 'node:path';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import type { SourceLocation } from '../../../base/errors.ts';
import { shortened } from '../../../base/shorten.ts';
import type { RawPlace } from '../ruby/messages.ts';

/** Something to say about a Vagrantfile. */
export interface VagrantDiagnostic extends Diagnostic {
  /** The machine it is about, when it is about one: commands for other machines need not care. */
  readonly machine?: string;
}

/** Collects what there is to say, with paths as people see them from where they are. */
export class MachineProblems {
  readonly #found: VagrantDiagnostic[];
  readonly #folder: string;
  readonly #file: string;
  readonly #machine: string | undefined;

  /** `folder`: where the command was given; `file`: the Vagrantfile, for what has no place of its own. */
  constructor(folder: string, file: string, found: VagrantDiagnostic[] = [], machine?: string) {
    this.#folder = folder;
    this.#file = file;
    this.#found = found;
    this.#machine = machine;
  }

  /** The same list, for what is about one machine. */
  forMachine(machine: string): MachineProblems {
    return new MachineProblems(this.#folder, this.#file, this.#found, machine);
  }

  /** For what is looked at although it does not matter: whatever is said is heard by nobody. */
  muted(): MachineProblems {
    return new MachineProblems(this.#folder, this.#file);
  }

  at(place: RawPlace | null | undefined): SourceLocation {
    const [path, line] = place ?? [this.#file, 1];
    const shorter = relative(this.#folder, path);
    return { file: shorter.startsWith('..') ? path : shorter, line, column: 1 };
  }

  error(place: RawPlace | null | undefined, message: string, hint?: string): void {
    this.#add('error', place, message, hint);
  }

  warn(place: RawPlace | null | undefined, message: string, hint?: string): void {
    this.#add('warning', place, message, hint);
  }

  /** In the order of the lines, file after file. */
  get list(): readonly VagrantDiagnostic[] {
    const files = [...new Set(this.#found.map(({ at }) => at.file))];
    return this.#found.toSorted(
      ({ at: a }, { at: b }) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line,
    );
  }

  /** Several machines made by one loop say the same: once is enough, for all of them. */
  #add(
    severity: Diagnostic['severity'],
    place: RawPlace | null | undefined,
    long: string,
    hint: string | undefined,
  ): void {
    const [at, message] = [this.at(place), shortened(long)];
    const index = this.#found.findIndex(
      (one) =>
        one.message === message &&
        one.at.file === at.file &&
        one.at.line === at.line &&
        one.severity === severity,
    );
    if (index < 0) {
      const machine = this.#machine;
      this.#found.push({
        severity,
        message,
        ...(hint && { hint }),
        at,
        ...(machine !== undefined && { machine }),
      });
    } else if (severity === 'warning' && this.#found[index]!.machine !== this.#machine) {
      const { machine: _several, ...rest } = this.#found[index]!;
      this.#found[index] = rest;
    }
  }
}
