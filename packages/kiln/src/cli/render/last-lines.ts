import type { KilnEvent } from '../../base/events.ts';
import { cleanLine } from './clean-line.ts';

/** How much of a failed stage's output is shown again at the end. */
const keptLines = 15;

/** Remembers what each build's first failed stage printed last, for the summary of the failure. */
export class LastLines {
  readonly #lines = new Map<string, string[]>();
  readonly #failures = new Map<string, { readonly stage: string; readonly lines: readonly string[] }>();

  readonly event = (event: KilnEvent): void => {
    if (event.kind === 'stage-started') this.#lines.set(event.build, []);
    else if (event.kind === 'stage-finished' && event.outcome === 'failed') {
      // Clean-up steps and other outputs come behind it: what they print is not why the build failed.
      if (!this.#failures.has(event.build)) {
        this.#failures.set(event.build, {
          stage: event.stage,
          lines: [...(this.#lines.get(event.build) ?? [])],
        });
      }
    } else if (event.kind === 'output') {
      const lines = this.#lines.get(event.build) ?? [];
      lines.push(cleanLine(event.line));
      if (lines.length > keptLines) lines.shift();
      this.#lines.set(event.build, lines);
    }
  };

  of(build: string): readonly string[] {
    return this.#failures.get(build)?.lines ?? [];
  }

  failedStage(build: string): string | undefined {
    return this.#failures.get(build)?.stage;
  }
}
