import { KilnError } from '../base/errors.ts';
import type { Build, Plan } from '../plan/plan.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { type BuildStates, type MachineState, openBuildStates } from './build-states.ts';
import type { EngineServices } from './engine-services.ts';
import { changedParts, type LastBuild, readLastBuild } from './last-build.ts';
import type { CheckpointOptions } from './run-options.ts';
import { stepLabel } from './step-label.ts';

/** What a build would do with one of its steps. */
export interface PredictedStep {
  readonly label: string;
  readonly verdict: 'restored' | 'runs';
  /** Why it runs, in words; undefined for one that is restored. */
  readonly reason?: string;
}

export interface PredictedBuild {
  readonly build: string;
  /** Undefined where no states are kept. */
  readonly steps?: readonly PredictedStep[];
  /** Why nothing can be said of the steps. */
  readonly reason?: string;
  /** All steps are restored, and the disks of the machine at its end are kept: no machine is needed. */
  readonly finished?: boolean;
}

/** Says for every build which steps would be run, and why, and does none of it. Nothing is fetched or made. */
export async function predictSteps(
  plan: Plan,
  options: CheckpointOptions,
  services: Pick<EngineServices, 'home' | 'host' | 'images'>,
): Promise<readonly PredictedBuild[]> {
  const builds: PredictedBuild[] = [];
  for (const build of plan.builds) builds.push(await predictBuild(plan, build, options, services));
  return builds;
}

async function predictBuild(
  plan: Plan,
  build: Build,
  options: CheckpointOptions,
  services: Pick<EngineServices, 'home' | 'host' | 'images'>,
): Promise<PredictedBuild> {
  const store = new CheckpointStore(services.home, undefined);
  try {
    const opened = await openBuildStates({
      plan,
      build,
      options,
      services,
      store,
      resolve: (ref) =>
        services.images.resolve(ref, {
          emit: () => {},
          build: build.name,
          signal: new AbortController().signal,
          onlyPresent: true,
        }),
    });
    if (opened.kind === 'none') return { build: build.name, ...(opened.reason && { reason: opened.reason }) };
    const last = await readLastBuild(services.home, plan, build.name);
    return { build: build.name, ...(await walk(build, opened.states, store, last)) };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    return { build: build.name, reason: error.message };
  }
}

async function walk(
  build: Build,
  states: BuildStates,
  store: CheckpointStore,
  last: LastBuild | undefined,
): Promise<Pick<PredictedBuild, 'steps' | 'finished'>> {
  const first = await states.first();
  const labels = build.steps.map((step, index) => stepLabel(step, index, build.steps.length));
  const reasons: (string | undefined)[] = [];
  let state: MachineState = first.state;
  let restoredUpTo = -1;
  let cause = last && changedParts(last.machine, first.parts);
  cause = cause && `the machine changed: ${cause}`;
  for (const [index] of build.steps.entries()) {
    if (index > restoredUpTo) {
      const found = await states.furthest(index, state);
      restoredUpTo = found?.index ?? restoredUpTo;
    }
    const nature = states.natures[index]!;
    const known = await states.after(index, state);
    if (index <= restoredUpTo || (nature.restorable && nature.machineAfter === 'same'))
      reasons.push(undefined);
    else {
      const why = cause ?? nature.reason ?? ownReason(labels[index]!, known.parts, last, index);
      reasons.push(why);
      if (nature.machineAfter !== 'same') cause ??= 'a step before it runs';
    }
    state = known.state;
  }
  const finished = reasons.every((reason) => reason === undefined);
  const { key } = states.finished(state);
  return {
    steps: labels.map((label, index) => {
      const reason = reasons[index];
      return reason === undefined ? { label, verdict: 'restored' } : { label, verdict: 'runs', reason };
    }),
    finished: finished && key !== undefined && (await store.has(key)),
  };
}

function ownReason(
  label: string,
  parts: LastBuild['machine'],
  last: LastBuild | undefined,
  index: number,
): string {
  const before = last?.steps[index];
  if (!last) return 'it was never built here';
  if (!before) return 'it is new';
  const changed = changedParts(before.parts, parts);
  if (changed) return `${changed} changed`;
  return before.label === label ? 'no state after it is kept' : 'it stands elsewhere than before';
}
