import { formatDuration } from '../base/durations.ts';
import { KilnError } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { Build } from '../plan/plan.ts';
import { BuildLog } from './build-log.ts';
import { machinePhases } from './build-machine.ts';
import { BuildReporter } from './build-reporter.ts';
import { workOn } from './build-work.ts';
import { errorsOf, isCancelled } from './failure.ts';
import type { ArtifactSummary, BuildResult } from './plan-result.ts';
import type { PlanRun } from './plan-run.ts';
import type { Secrets } from './secrets.ts';

/** One build from its source to its last output. Never throws: whatever happens is in the result. */
export async function runBuild(build: Build, index: number, context: PlanRun): Promise<BuildResult> {
  const { options, secrets } = context;
  const started = performance.now();
  const trouble = (text: string) =>
    options.emit({ kind: 'message', build: build.name, level: 'warning', text: secrets.hide(text) });
  const log = BuildLog.open(context.logFolder, build.name, trouble);
  const reporter = new BuildReporter(build.name, options.emit, secrets, log);
  reporter.emit({
    kind: 'build-started',
    build: build.name,
    stages: stageCount(build),
    ...(log ? { logFile: log.path } : {}),
  });

  const limit = timeLimit(build, context.signal);
  let outcome: BuildResult['outcome'];
  let artifacts: readonly Artifact[] = [];
  let errors: KilnError[] = [];
  try {
    const work = await workOn(build, index, { ...context, signal: limit.signal }, reporter);
    artifacts = work.artifacts;
    errors = work.errors.map(context.safe);
    outcome = errors.length > 0 ? 'failed' : work.unchanged ? 'unchanged' : 'succeeded';
  } catch (error) {
    outcome = isCancelled(error) && context.signal.aborted ? 'cancelled' : 'failed';
    errors = outcome === 'cancelled' ? [] : errorsOf(limit.error(error)).map(context.safe);
  } finally {
    limit.end();
  }

  // Outputs that hand their input on, such as a manifest, make one artifact stay more than once.
  const listed = [...new Set(artifacts)];
  for (const { description, files } of listed) {
    reporter.emit({ kind: 'artifact', build: build.name, description, files });
  }
  const milliseconds = Math.round(performance.now() - started);
  reporter.emit({
    kind: 'build-finished',
    build: build.name,
    outcome: outcome === 'unchanged' ? 'succeeded' : outcome,
    milliseconds,
    ...(errors.length > 0 ? { error: errors.map((error) => error.message).join('; ') } : {}),
  });
  log?.close();
  return {
    name: build.name,
    type: build.type,
    outcome,
    errors,
    artifacts: listed.map((artifact) => summaryOf(artifact, secrets)),
    stages: reporter.stages,
    milliseconds,
    ...(log ? { logFile: log.path } : {}),
  };
}

interface TimeLimit {
  /** Raised with the run's own signal, and when the time is over. */
  readonly signal: AbortSignal;
  /** What the user is told of an error: when the time was over, that. */
  readonly error: (thrown: unknown) => unknown;
  readonly end: () => void;
}

function timeLimit({ name, timeLimit: most }: Build, signal: AbortSignal): TimeLimit {
  if (most === undefined) return { signal, error: (thrown) => thrown, end: () => {} };
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), most);
  const failure = new KilnError(
    'step-timeout',
    `the build ${name} took longer than ${formatDuration(most)}`,
    {
      hint: 'give the template more time, or have it do less',
    },
  );
  return {
    signal: AbortSignal.any([signal, over.signal]),
    error: (thrown) => (over.signal.aborted && isCancelled(thrown) ? failure : thrown),
    end: () => clearTimeout(timer),
  };
}

function stageCount({ source, steps, outputs }: Build): number {
  const phases = Object.keys(machinePhases(source) ?? {}).length;
  return phases + steps.length + outputs.flat().length;
}

function summaryOf({ builderId, id, description, files }: Artifact, secrets: Secrets): ArtifactSummary {
  return {
    builderId,
    id: secrets.hide(id),
    description: secrets.hide(description),
    files: files.map((file) => secrets.hide(file)),
  };
}
