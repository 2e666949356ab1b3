import type { EmitEvent, KilnEvent, StageOutput } from '../base/events.ts';
import type { BuildLog } from './build-log.ts';
import { isCancelled } from './failure.ts';
import type { StageTiming } from './plan-result.ts';
import type { Secrets } from './secrets.ts';

/** The one way out for what a build has to tell: hides secrets, keeps the log, passes events on, times stages. */
export class BuildReporter {
  readonly build: string;
  readonly stages: StageTiming[] = [];
  readonly #forward: EmitEvent;
  readonly #secrets: Secrets;
  readonly #log: BuildLog | undefined;

  constructor(build: string, forward: EmitEvent, secrets: Secrets, log: BuildLog | undefined) {
    this.build = build;
    this.#forward = forward;
    this.#secrets = secrets;
    this.#log = log;
  }

  readonly emit: EmitEvent = (event: KilnEvent) => {
    // Whoever emits through this reporter may know the build by its inner name only.
    const safe = this.#secrets.hideInEvent({ ...event, build: this.build });
    this.#log?.write(safe);
    this.#forward(safe);
  };

  readonly say = (text: string): void => {
    this.emit({ kind: 'message', build: this.build, level: 'info', text });
  };

  readonly warn = (text: string): void => {
    this.emit({ kind: 'message', build: this.build, level: 'warning', text });
  };

  readonly output = (line: string, stream: 'stdout' | 'stderr'): void => {
    this.emit({ kind: 'output', build: this.build, stream, line });
  };

  /** A stage that need not be run: its result is there. */
  restored(stage: string): void {
    this.emit({ kind: 'stage-started', build: this.build, stage, restored: true });
    this.stages.push({ stage: this.#secrets.hide(stage), outcome: 'restored', milliseconds: 0 });
    this.emit({ kind: 'stage-finished', build: this.build, stage, outcome: 'restored', milliseconds: 0 });
  }

  /** Runs a stage, tells of its start and end, and keeps its time. */
  async stage<T>(stage: string, work: () => Promise<T>, output?: StageOutput): Promise<T> {
    const started = performance.now();
    this.emit({ kind: 'stage-started', build: this.build, stage, ...(output && { output }) });
    const finish = (outcome: StageTiming['outcome']) => {
      const milliseconds = Math.round(performance.now() - started);
      this.stages.push({ stage: this.#secrets.hide(stage), outcome, milliseconds });
      this.emit({ kind: 'stage-finished', build: this.build, stage, outcome, milliseconds });
    };
    try {
      const result = await work();
      finish('succeeded');
      return result;
    } catch (error) {
      finish(isCancelled(error) ? 'cancelled' : 'failed');
      throw error;
    }
  }
}
