import type { Diagnostic } from '../base/diagnostics.ts';
import type { OutputPart } from '../dialects/vagrant/ruby/messages.ts';

/** A Vagrantfile ended the command (`exit`, `abort`): nothing more is to be done, and this is its exit code. */
export class EndedByFile extends Error {
  readonly exitCode: number;
  /** What it printed before. */
  readonly output: readonly OutputPart[];
  readonly diagnostics: readonly Diagnostic[];

  constructor(exitCode: number, output: readonly OutputPart[], diagnostics: readonly Diagnostic[]) {
    super(`the Vagrantfile ended the command with exit code ${exitCode}`);
    this.name = 'EndedByFile';
    this.exitCode = exitCode;
    this.output = output;
    this.diagnostics = diagnostics;
  }
}
