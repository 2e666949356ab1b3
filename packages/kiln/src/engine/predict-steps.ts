import { formatDuration } from '../base/durations.ts';
import { KilnError } from '../base/errors.ts';
import { redactor } from '../base/redact.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { type BuildStates, type MachineState, openBuildStates } from './build-states.ts';
import type { EngineServices } from './engine-services.ts';
import { changedParts, type LastBuild, readLastBuild, withNames } from './last-build.ts';
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
    const hide = redactor(plan.secrets);
    return { build: build.name, ...(await walk({ build, states: opened.states, store, last, hide })) };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    return { build: build.name, reason: error.message };
  }
}

interface Walk {
  readonly build: Build;
  readonly states: BuildStates;
  readonly store: CheckpointStore;
  readonly last: LastBuild | undefined;
  /** Notes of the last build have no secrets in them. */
  readonly hide: (text: string) => string;
}

async function walk({
  build,
  states,
  store,
  last,
  hide,
}: Walk): Promise<Pick<PredictedBuild, 'steps' | 'finished'>> {
  const first = await states.first();
  const labels = build.steps.map((step, index) => stepLabel(step, index, build.steps.length));
  const reasons: (string | undefined)[] = [];
  let state: MachineState = first.state;
  let restoredUpTo = -1;
  let cause = last && changedParts(last.machine, withNames(first.parts, hide));
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
      const now = { label: hide(labels[index]!), parts: withNames(known.parts, hide) };
      const unusable = await whyUnusable(build.steps[index]!, known.state, store);
      reasons.push(cause ?? nature.reason ?? unusable ?? ownReason(now, last, index));
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

/** Why a step runs again although a state after it is kept: it is too old, or lacks what was in memory. */
async function whyUnusable(
  { cache }: Step,
  { key }: MachineState,
  store: CheckpointStore,
): Promise<string | undefined> {
  const kept = key === undefined ? undefined : await store.peek(key);
  if (!kept) return undefined;
  const maxAge = cache ? cache.maxAge : undefined;
  if (maxAge !== undefined && Date.now() - Date.parse(kept.createdAt) > maxAge)
    return `its result is older than ${formatDuration(maxAge)}`;
  const [first, ...others] = kept.lostByReboot;
  if (first === undefined || kept.memory) return undefined;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return `only the disks after it are kept, and would lose ${first}${more}`;
}

function ownReason(now: LastBuild['steps'][number], last: LastBuild | undefined, index: number): string {
  const before = last?.steps[index];
  if (!last) return 'it was never built here';
  if (!before) return 'it has not succeeded here yet';
  const changed = changedParts(before.parts, now.parts);
  if (changed) return `${changed} changed`;
  return before.label === now.label ? 'no state after it is kept' : 'it stands elsewhere than before';
}
