import type { KilnError } from '../base/errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { ImageResolver } from '../sources/image-resolver.ts';
import type { Run } from '../store/run.ts';
import type { EvaluateExpression } from '../text/template-functions.ts';
import type { EngineServices } from './engine-services.ts';
import type { Graces, RunOptions } from './run-options.ts';
import type { Secrets } from './secrets.ts';

/** What all builds of one `runPlan` share. */
export interface PlanRun {
  readonly plan: Plan;
  readonly options: RunOptions;
  readonly services: EngineServices;
  readonly run: Run;
  /** Keeps what it gives from being pruned until the run ends. */
  readonly images: ImageResolver;
  readonly runUuid: string;
  readonly startedAt: Date;
  readonly logFolder: string;
  readonly secrets: Secrets;
  readonly graces: Graces;
  /** Works out the HCL2 expressions of texts; given when the plan has some. */
  readonly evaluate?: EvaluateExpression;
  readonly signal: AbortSignal;
  /**
   * One question at a time, however many builds have one. Empty when there is nobody or the signal is raised.
   * Secrets are hidden in the question.
   */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string>;
  /** Secrets hidden. */
  readonly safe: (error: KilnError) => KilnError;
}
