import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { ImageResolver } from '../sources/image-resolver.ts';
import { watchBudget } from '../store/checkpoints/keep-to-budget.ts';
import { Run, reapDeadRuns } from '../store/run.ts';
import { askInTurn } from './ask-in-turn.ts';
import { makeLogFolder } from './build-log.ts';
import type { EngineServices } from './engine-services.ts';
import type { BuildResult, PlanResult } from './plan-result.ts';
import type { PlanRun } from './plan-run.ts';
import { runBuild } from './run-build.ts';
import { defaultGraces, type RunOptions } from './run-options.ts';
import { needOf, schedule } from './schedule.ts';
import { Secrets } from './secrets.ts';
import { skipBuild } from './skip-build.ts';
import { waitForCleanup } from './stopping.ts';

/**
 * Runs every build of a plan. A build that fails does not stop the others, and failures are part of the result.
 * When this returns, nothing of the run is left but results and logs: machines are gone, temporary files removed.
 * @throws KilnError only for what concerns no single build, such as a `$KILN_HOME` that cannot be written
 */
export async function runPlan(
  plan: Plan,
  options: RunOptions,
  services: EngineServices,
): Promise<PlanResult> {
  await reapDeadRuns(services.home);
  const startedAt = new Date();
  const run = await Run.open(services.home);
  const graces = { ...defaultGraces, ...options.graces };
  const secrets = new Secrets(plan.secrets);
  let keepToBudget: () => Promise<unknown> = async () => {};
  try {
    if (options.checkpoints && options.checkpoints.mode !== 'none')
      keepToBudget = await watchBudget(services.home);
    const evaluate = await evaluatorFor(plan, startedAt, secrets);
    const context: PlanRun = {
      plan,
      ...(evaluate && { evaluate }),
      options,
      services,
      run,
      images: pinningResolver(services, run.id),
      startedAt,
      graces,
      secrets,
      runUuid: options.runUuid ?? randomUUID(),
      logFolder: await logFolderOf(options, services.home, run.id, startedAt),
      signal: options.signal ?? new AbortController().signal,
      ask: askInTurn((question, signal) => services.ask(secrets.hide(question), signal)),
      safe: (error) => secrets.hideInError(error),
    };
    const jobs = plan.builds.map((build, index) => ({
      need: needOf(build),
      after: basesOf(build, plan),
      run: (results: readonly (BuildResult | undefined)[]) => {
        const missing = basesOf(build, plan)
          .map((base) => results[base])
          .find((base) => base?.outcome === 'failed' || base?.outcome === 'cancelled');
        return missing ? skipBuild(build, missing, context) : runBuild(build, index, context);
      },
    }));
    const parallel = options.debug ? 1 : options.parallel;
    const builds = await schedule(jobs, services.capacity, parallel);
    return { outcome: outcomeOf(builds), builds, runUuid: context.runUuid };
  } finally {
    const unpinned = services.store.unpin({ kind: 'run', id: run.id });
    // Only now is what this run has kept among what may go.
    const closing = unpinned.finally(() => run.close()).then(async () => void (await keepToBudget()));
    await waitForCleanup(closing, graces.close, undefined, (error) => {
      const text = secrets.hide(`some things could not be cleaned up: ${messageOf(error)}`);
      options.emit({ kind: 'message', level: 'warning', text });
    });
  }
}

/** Only plans that hold HCL2 expressions make anybody load that language. */
async function evaluatorFor(plan: Plan, startedAt: Date, secrets: Secrets): Promise<PlanRun['evaluate']> {
  if (!JSON.stringify(plan.builds).includes('"expressions":[')) return undefined;
  const { createEvaluator } = await import('../text/evaluate-expression.ts');
  return createEvaluator({
    cwd: plan.origin.folder,
    env: process.env,
    startedAt,
    secrets: plan.secrets,
    onSecret: (text) => secrets.add(text),
  });
}

/** What a run works on may not be pruned meanwhile. Its pin ends with the run, however that ends. */
function pinningResolver({ images, store }: EngineServices, runId: string): ImageResolver {
  return {
    async resolve(ref, context) {
      const image = await images.resolve(ref, context);
      await store.pinLocal({ kind: 'run', id: runId }, image);
      return image;
    },
  };
}

async function logFolderOf(options: RunOptions, home: string, runId: string, now: Date): Promise<string> {
  if (options.logFolder === undefined) return makeLogFolder(join(home, 'logs'), runId, now);
  await mkdir(options.logFolder, { recursive: true });
  return options.logFolder;
}

/** Indices of the builds whose images a build starts from. One that was not asked for has to be in the store. */
function basesOf(build: Build, plan: Plan): readonly number[] {
  return (build.after ?? [])
    .map((name) => plan.builds.findIndex((one) => one.name === name))
    .filter((index) => index >= 0);
}

function outcomeOf(builds: readonly BuildResult[]): PlanResult['outcome'] {
  if (builds.some((build) => build.outcome === 'failed')) return 'failed';
  return builds.some((build) => build.outcome === 'cancelled') ? 'cancelled' : 'succeeded';
}
