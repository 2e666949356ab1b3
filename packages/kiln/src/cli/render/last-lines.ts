import type { KilnEvent } from '../../base/events.ts';
import { cleanLine } from './clean-line.ts';

/** How much of a failed stage's output is shown again at the end. */
const keptLines = 15;

/** Remembers what each build printed last, for the summary of a failure. */
export class LastLines {
  readonly #lines = new Map<string, string[]>();
  readonly #failedStages = new Map<string, string>();

  readonly event = (event: KilnEvent): void => {
    if (event.kind === 'stage-started') this.#lines.set(event.build, []);
    else if (event.kind === 'stage-finished' && event.outcome === 'failed') {
      this.#failedStages.set(event.build, event.stage);
    } else if (event.kind === 'output') {
      const lines = this.#lines.get(event.build) ?? [];
      lines.push(cleanLine(event.line));
      if (lines.length > keptLines) lines.shift();
      this.#lines.set(event.build, lines);
    }
  };

  of(build: string): readonly string[] {
    return this.#lines.get(build) ?? [];
  }

  failedStage(build: string): string | undefined {
    return this.#failedStages.get(build);
  }
}
