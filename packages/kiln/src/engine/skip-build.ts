import { KilnError } from '../base/errors.ts';
import type { Build } from '../plan/plan.ts';
import type { BuildResult } from './plan-result.ts';
import type { PlanRun } from './plan-run.ts';

/** The result of a build that has nothing to start from, because the build of its base went wrong. */
export async function skipBuild(build: Build, base: BuildResult, { options }: PlanRun): Promise<BuildResult> {
  const { name, type } = build;
  const cancelled = base.outcome === 'cancelled';
  const error = new KilnError(
    'not-found',
    `"${name}" starts from the image of "${base.name}", which was not made`,
  );
  const outcome = cancelled ? 'cancelled' : 'failed';
  options.emit({ kind: 'build-started', build: name, stages: 0 });
  options.emit({
    kind: 'build-finished',
    build: name,
    outcome,
    milliseconds: 0,
    ...(cancelled ? {} : { error: error.message }),
  });
  return {
    name,
    type,
    outcome,
    errors: cancelled ? [] : [error],
    artifacts: [],
    stages: [],
    milliseconds: 0,
  };
}
