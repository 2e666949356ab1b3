import { KilnError, messageOf } from '../../base/errors.ts';
import { openStore } from '../../store/store.ts';
import type { Caller } from '../access/caller.ts';
import type { Publishing, ResolvedSource } from '../gallery/publishing.ts';
import { replicate } from '../regions/replicate.ts';
import { SoundLayers } from '../regions/sound-layers.ts';
import { type HeldRun, LeaseLost } from '../runs/held-run.ts';
import { RunLog } from '../runs/run-log.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import { mayGoOn, outcomeOf } from '../runs/run-state.ts';
import type { RunSubState } from '../runs/runs.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { openStagingGroup, type StagingGroup } from '../staging/staging-group.ts';
import { type BuildError, BuildEvents } from './build-events.ts';
import { runBuild } from './build-process.ts';
import { type BuildUser, giveStoreTo } from './build-user.ts';
import { distribute } from './distribute.ts';
import type { AddressRules } from './forbidden-address.ts';
import { makeNullImage, nullBuildOf } from './null-build.ts';
import { type PreparedBuild, prepareBuild, templateName } from './prepare-build.ts';

export interface WorkerTools {
  readonly context: ServiceContext;
  readonly publishing: Publishing;
  /** Words that start Kiln, for builds. */
  readonly program: readonly string[];
  /** Store that builds work with: checkpoints and downloads stay there from one run to the next. */
  readonly buildHome: string;
  readonly buildUser?: BuildUser;
  readonly passed?: readonly string[];
  readonly rules: AddressRules;
  /** Whether templates may ask for builds of nothing; for tests of the service itself. */
  readonly allowNullBuilds: boolean;
}

/** Why a run's work was stopped from outside. */
export type StopReason = 'cancelled' | 'lease-lost' | 'timed-out' | 'worker-ends';

export interface Stop {
  readonly signal: AbortSignal;
  /** Known once the signal was raised. */
  readonly reason: () => StopReason | undefined;
}

class RunFailure extends Error {
  readonly code: string;
  readonly step: string | undefined;

  constructor(code: string, message: string, step?: string) {
    super(message);
    this.code = code;
    this.step = step;
  }
}

/**
 * Does the work of a run that this worker holds, and ends it. Only a lost lease and a worker that ends leave it open:
 * then another one goes on with it.
 */
export async function performRun(held: HeldRun, tools: WorkerTools, stop: Stop): Promise<void> {
  const { context } = tools;
  const template: unknown = JSON.parse(held.row.template);
  const log = await RunLog.open(context.home, held.id, template, context.now);
  try {
    await work(held, template as object, log, tools, stop);
  } catch (error) {
    const reason = stop.reason();
    if (error instanceof LeaseLost || reason === 'lease-lost' || reason === 'worker-ends') {
      log.line('this worker stops: another one goes on with the run');
      return;
    }
    const failure = failureOf(error, reason);
    log.line(reason === 'cancelled' ? 'the run is cancelled' : `the run failed: ${failure.message}`);
    await log.flush();
    await endQuietly(held, failure);
  } finally {
    await log.close();
  }
}

async function endQuietly(held: HeldRun, failure: RunFailure): Promise<void> {
  try {
    await held.end('Failed', {
      message: failure.message,
      failure: { code: failure.code, step: failure.step },
    });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
  }
}

function failureOf(error: unknown, reason: StopReason | undefined): RunFailure {
  if (reason === 'timed-out') {
    return new RunFailure('BuildTimeout', 'the run took longer than buildTimeoutInMinutes allows');
  }
  if (error instanceof RunFailure) return error;
  if (error instanceof ServiceError) return new RunFailure(error.code, error.message);
  if (error instanceof KilnError) return new RunFailure(error.code, error.message);
  return new RunFailure('InternalOperationError', messageOf(error));
}

async function work(
  held: HeldRun,
  template: object,
  log: RunLog,
  tools: WorkerTools,
  stop: Stop,
): Promise<void> {
  const { context, publishing, buildHome, buildUser } = tools;
  log.line(`attempt ${held.row.attempts} of the run ${held.id}`);
  if (held.row.state === 'Canceling') {
    await held.end('Canceled', { message: '' });
    return;
  }
  await held.update({ sub_state: 'Building', message: '' });
  const staging = await openStagingGroup(held, buildHome, buildUser, context.now());
  const identity = await identityOf(held, template, context);
  const nullBuild = nullBuildOf(template);
  if (nullBuild && !tools.allowNullBuilds) {
    throw new RunFailure(
      'BadPIRSource',
      'builds of nothing are for tests; this service was not started for them',
    );
  }
  const source = nullBuild
    ? undefined
    : await publishing.resolveSource(sourceOf(template), identity, held.row.location);
  if (source) {
    await held.update({ exact_source: source.exactVersion });
    log.line(`source: ${source.image} (${source.exactVersion})`);
  }
  const prepared = await prepareBuild({
    imageName: staging.imageName,
    template,
    name: templateName(held.row.template_id, template),
    sourceImage: await bringSource(template, source, staging, tools, stop.signal),
    folder: staging.folder,
    user: buildUser,
    rules: tools.rules,
    signal: stop.signal,
    log: (text) => log.line(text),
  });
  const validationFailed =
    nullBuild?.milliseconds === undefined && nullBuild
      ? false
      : await build(held, template, prepared, staging, log, tools, stop);
  stop.signal.throwIfAborted();
  const image = nullBuild ? await makeNullImage(buildHome, staging.imageName) : prepared.image;
  const outputs =
    image === undefined
      ? []
      : await distribute(held, { template, image: `${image}:latest`, identity, source, log, tools, stop });
  const { state, message } = outcomeOf({ outputs, validationFailed });
  log.line(`the run ends: ${state}${message === '' ? '' : ` (${message})`}`);
  await log.flush();
  await held.end(state, {
    message,
    ...(state === 'Failed' && {
      failure: { code: validationFailed ? 'ValidationFailed' : 'DistributionFailed' },
    }),
  });
}

function sourceOf(template: object): Readonly<Record<string, unknown>> {
  return (valueAt(template, ['properties', 'source']) ?? {}) as Readonly<Record<string, unknown>>;
}

/** The template's user-assigned identity, or who asked for the run when it has none. */
async function identityOf(held: HeldRun, template: object, { access }: ServiceContext): Promise<Caller> {
  const ids = Object.keys((valueAt(template, ['identity', 'userAssignedIdentities']) ?? {}) as object);
  for (const id of ids) {
    const caller = await access.identity(id);
    if (caller) return caller;
  }
  if (ids.length > 0) {
    throw new RunFailure('AuthorizationFailed', `the template's identity ${ids[0]} is not there any more`);
  }
  const caller = await access.principal(held.row.caller_id);
  if (caller) return caller;
  throw new RunFailure('AuthorizationFailed', 'who asked for the run is not known any more');
}

/** What builds start from, by a name that they know. Images of galleries are brought into their store first. */
async function bringSource(
  template: object,
  source: ResolvedSource | undefined,
  staging: StagingGroup,
  tools: WorkerTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!source) return undefined;
  if (textAt(sourceOf(template), ['type']) === 'PlatformImage' && source.digest === undefined)
    return undefined;
  if (source.digest === undefined) return source.image;
  const reference = `${staging.imageName}-source:latest`;
  await replicate({
    from: source.home === undefined ? [] : [source.home],
    to: tools.buildHome,
    digest: source.digest,
    references: [reference],
    sound: new SoundLayers(),
    signal,
  });
  return reference;
}

/** Runs the build. Gives whether the image is there although a validation failed. */
async function build(
  held: HeldRun,
  template: object,
  prepared: PreparedBuild,
  staging: StagingGroup,
  log: RunLog,
  tools: WorkerTools,
  { signal }: Stop,
): Promise<boolean> {
  const events = new BuildEvents(prepared.subStateOf);
  const errors: BuildError[] = [];
  const at: { subState: RunSubState; step?: string; kept?: string } = { subState: 'Building' };
  let writing: Promise<unknown> = Promise.resolve();
  let trouble: unknown;
  const stopWriting = new AbortController();
  // One after the other, in the order of what happened; the first that fails ends the build.
  const write = (work: () => Promise<unknown>) => {
    writing = writing.then(work).catch((error: unknown) => {
      trouble ??= error;
      stopWriting.abort();
    });
  };
  // What the service did in the store of builds, it did as itself.
  giveStoreTo(tools.buildUser, tools.buildHome);
  const code = await runBuild({
    program: tools.program,
    template: prepared.template,
    more: prepared.more,
    folder: staging.folder,
    home: tools.buildHome,
    onError: prepared.onError,
    ...(tools.buildUser && { user: tools.buildUser }),
    ...(tools.passed && { passed: tools.passed }),
    signal: AbortSignal.any([signal, stopWriting.signal]),
    onStart: (process) => staging.started(process),
    onLine: (line, stream) => {
      if (stream === 'stderr') {
        if (line !== '') log.line(line);
        return;
      }
      for (const news of events.read(line)) {
        if (news.kind === 'log') log.line(news.text);
        else if (news.kind === 'errors') errors.push(...news.errors);
        else if (news.kind === 'kept') at.kept = news.folder;
        else {
          if (news.kind === 'step-started') {
            at.step = news.name;
            if (mayGoOn(at.subState, news.subState)) {
              at.subState = news.subState;
              write(() => held.enter(news.subState));
            }
            const started_at = tools.context.now();
            write(() =>
              held.step({
                ...stepOf(news),
                state: 'Running',
                started_at,
                ended_at: null,
                milliseconds: null,
              }),
            );
          } else {
            const { state, milliseconds } = news;
            const ended_at = tools.context.now();
            write(() => held.step({ ...stepOf(news), state, started_at: ended_at, ended_at, milliseconds }));
          }
        }
      }
    },
  });
  await writing;
  if (trouble) throw trouble;
  signal.throwIfAborted();
  if (at.kept !== undefined) await staging.keep(at.kept);
  if (code === 0) return false;
  const goesOn = valueAt(template, ['properties', 'validate', 'continueDistributeOnFailure']) === true;
  if (goesOn && prepared.image !== undefined && (await isThere(tools.buildHome, prepared.image))) return true;
  const [first] = errors;
  throw new RunFailure(
    at.subState === 'Validating' ? 'ValidationFailed' : 'PackerBuildFailed',
    first
      ? `${first.message}${at.step === undefined ? '' : ` (${at.step})`}`
      : `the build ended with exit code ${code}`,
    at.step,
  );
}

function stepOf({ position, name, subState }: { position: number; name: string; subState: RunSubState }) {
  return { position, name, sub_state: subState };
}

async function isThere(home: string, image: string): Promise<boolean> {
  try {
    await openStore(home).getImage(`${image}:latest`);
    return true;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'not-found') return false;
    throw error;
  }
}
