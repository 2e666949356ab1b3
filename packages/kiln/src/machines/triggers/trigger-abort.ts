import { KilnError } from '../../base/errors.ts';

/** A trigger has ended the command, with the exit code that its file says. */
export class TriggerAbort extends KilnError {
  readonly exitCode: number;

  constructor(exitCode: number, name: string) {
    super('cancelled', `${name} has ended the command with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
