import { messageOf } from './errors.ts';

/**
 * Things to undo, in reverse order of their making. Closing runs every clean-up once, even when some fail,
 * and closing again does nothing.
 */
export class Scope {
  #cleanups: { readonly what: string; readonly undo: () => unknown }[] = [];

  /** Registers `undo`, a clean-up that is described by `what` if it fails. */
  defer(what: string, undo: () => unknown): void {
    this.#cleanups.push({ what, undo });
  }

  /** Takes every clean-up away: whatever was made now belongs to the caller. */
  release(): void {
    this.#cleanups = [];
  }

  /** @throws AggregateError with every clean-up that failed, after all have been tried. */
  async close(): Promise<void> {
    const failures: Error[] = [];
    for (;;) {
      const next = this.#cleanups.pop();
      if (!next) break;
      try {
        await next.undo();
      } catch (error) {
        failures.push(new Error(`${next.what}: ${messageOf(error)}`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some clean-ups failed');
  }
}
