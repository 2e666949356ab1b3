import type { SourceLocation } from '../../../base/errors.ts';
import { Problems } from '../problems.ts';

/** What a person should look at after a template was turned into HCL2. */
export class UpgradeNotes {
  readonly problems = new Problems();
  readonly #at: SourceLocation;

  constructor(file: string) {
    this.#at = { file, line: 1, column: 1 };
  }

  warn(message: string, hint?: string, at: SourceLocation = this.#at): void {
    this.problems.warn(at, message, hint);
  }
}
