import { randomUUID } from 'node:crypto';
import type { CheckpointSupport } from '../hosts/checkpoint.ts';
import { canonicalHash } from '../plan/canonical.ts';
import type { ImageRef } from '../plan/image-ref.ts';
import type { Output } from '../plan/output.ts';
import type { Build, Plan } from '../plan/plan.ts';
import { type BuiltSource, isBuilt, type QemuSource } from '../plan/source.ts';
import type { Step } from '../plan/step.ts';
import type { LocalImage } from '../sources/image-resolver.ts';
import type { CheckpointRecord } from '../store/checkpoints/checkpoint-record.ts';
import type { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { storeSecretKey } from '../store/checkpoints/secret-key.ts';
import type { EngineServices } from './engine-services.ts';
import type { CheckpointOptions } from './run-options.ts';
import {
  everNew,
  handlesSecret,
  isChanging,
  machineParts,
  type PartRules,
  type Parts,
  stateKey,
  stepParts,
  valueParts,
} from './step-keys.ts';
import { indexOfStep } from './step-label.ts';
import { natureOf, type StepNature } from './step-nature.ts';

/** The state of a build's machine at some moment. */
export interface MachineState {
  /** Undefined when nobody can say any more what led to it. */
  readonly key: string | undefined;
  /** A secret of the plan has been in the machine's memory. */
  readonly hasSecret: boolean;
}

export interface KnownStep {
  readonly parts: Parts;
  readonly state: MachineState;
}

export interface BuildStatesOptions {
  readonly source: BuiltSource;
  readonly steps: readonly Step[];
  readonly rules: PartRules;
  readonly images: { readonly base: string; readonly installer?: string };
  /** Of the host, from its `CheckpointSupport`. */
  readonly machine: Readonly<Record<string, string>>;
  readonly store: CheckpointStore;
  /** Steps from here on are run, whatever is there of them. */
  readonly refreshFrom: number;
  /** States may be taken from what is there. */
  readonly use: boolean;
  /** A disk without its memory may be booted although it lacks something. */
  readonly acceptLosses: boolean;
}

/** Which states a build goes through, as far as that can be known, and which of them the store has. */
export class BuildStates {
  readonly natures: readonly StepNature[];
  readonly #options: BuildStatesOptions;
  /** One for all texts of a run that ask for the time: no other run has the same. */
  readonly #now = randomUUID();
  #first: KnownStep | undefined;
  /** Key of the state after each step, as it was last worked out. */
  readonly #keys: (string | undefined)[] = [];

  constructor(options: BuildStatesOptions) {
    this.#options = options;
    this.natures = options.steps.map((step) => natureOf(step, options.source));
  }

  /** The machine that is up, and nothing done to it yet. */
  async first(): Promise<KnownStep> {
    if (this.#first) return this.#first;
    const { source, images, machine, rules } = this.#options;
    const parts = await machineParts(source, images, machine, rules, this.#now);
    const hasSecret = handlesSecret(source, rules.secrets);
    this.#first = { parts, state: { key: stateKey(undefined, parts), hasSecret } };
    return this.#first;
  }

  /** What a step makes of a state. Reads the files that the step reads, as they are now. */
  async after(index: number, before: MachineState): Promise<KnownStep> {
    const { steps, rules } = this.#options;
    const step = steps[index]!;
    const nature = this.natures[index]!;
    const parts = await stepParts(step, rules, this.#now);
    const key =
      before.key === undefined || nature.machineAfter === 'unknown'
        ? undefined
        : nature.machineAfter === 'same'
          ? before.key
          : stateKey(before.key, parts);
    this.#keys[index] = key;
    return { parts, state: { key, hasSecret: before.hasSecret || handlesSecret(step, rules.secrets) } };
  }

  /**
   * The furthest state from `before` on that the store has, going only through steps that need not run.
   * @returns the index of the step behind which it lies, with the state; undefined when there is none
   */
  async furthest(
    from: number,
    before: MachineState,
  ): Promise<
    { readonly index: number; readonly state: MachineState; readonly record: CheckpointRecord } | undefined
  > {
    const { steps, store, refreshFrom, use } = this.#options;
    if (!use || before.key === undefined) return undefined;
    const candidates: { readonly index: number; readonly state: MachineState }[] = [];
    let state = before;
    for (let index = from; index < Math.min(steps.length, refreshFrom); index++) {
      if (!this.natures[index]!.restorable) break;
      state = (await this.after(index, state)).state;
      if (state.key === undefined) break;
      candidates.push({ index, state });
    }
    for (const candidate of candidates.reverse()) {
      const key = candidate.state.key!;
      if (!(await store.has(key))) continue;
      const record = await store.find(key);
      if (record && (await this.#isUsable(record, candidate.index))) return { ...candidate, record };
    }
    return undefined;
  }

  /** The state of the disks once the machine is off, after its last step. */
  finished(last: MachineState): MachineState {
    const { source, rules } = this.#options;
    // A tree has nothing to turn off: it is what its last step has left.
    if (source.kind === 'rootfs') return last;
    const { shutdown, communicator } = source;
    const clearKeys = 'clearAuthorizedKeys' in communicator && communicator.clearAuthorizedKeys;
    const key = last.key && stateKey(last.key, valueParts({ shutdown, clearKeys }, rules));
    return { ...last, key };
  }

  /** Key of the artifact of a machine whose last step led to this state. */
  resultKey(last: MachineState): string | undefined {
    const finished = this.finished(last).key;
    const { source, rules } = this.#options;
    // States are the same wherever a project lies. Its results are where it lies, and a copy makes its own.
    const parts = { ...valueParts({ result: source.result }, rules), folder: canonicalHash(rules.folder) };
    return finished && stateKey(finished, parts);
  }

  /**
   * Key of the artifact when no step has to be run by what it is; undefined when one has, or when how old results are
   * matters. Says nothing of whether anything is kept.
   */
  async foreseenResult(): Promise<string | undefined> {
    const { steps, refreshFrom, use } = this.#options;
    if (!use || refreshFrom < steps.length) return undefined;
    if (steps.some(({ cache }) => cache && cache.maxAge !== undefined)) return undefined;
    if (this.natures.some((nature) => !nature.restorable)) return undefined;
    let { state } = await this.first();
    for (const index of steps.keys()) state = (await this.after(index, state)).state;
    return this.resultKey(state);
  }

  /** Key of what an output makes of something with a key; undefined when it runs every time. */
  outputKey(input: string, output: Output): string | undefined {
    if (output.kind === 'shell-local' || output.kind === 'store') return undefined;
    const { at: _at, name: _name, ...rest } = output;
    const parts = valueParts(rest, this.#options.rules);
    return stateKey(input, isChanging(output) ? { ...parts, [everNew]: this.#now } : parts);
  }

  /** The record of a state, when the store has it and a machine may start from it. */
  async find({ key }: MachineState): Promise<CheckpointRecord | undefined> {
    if (!this.#options.use || key === undefined || this.#options.refreshFrom < 0) return undefined;
    const record = (await this.#options.store.has(key)) ? await this.#options.store.find(key) : undefined;
    return record && (await this.#isUsable(record, -1)) ? record : undefined;
  }

  /** @param index of the last step whose result is in the state; negative for a state before or behind all steps */
  async #isUsable(record: CheckpointRecord, index: number): Promise<boolean> {
    for (let step = 0; step <= index; step++) if (!(await this.#isYoungEnough(record, step))) return false;
    return record.memory !== undefined || this.#options.acceptLosses || record.lostByReboot.length === 0;
  }

  /**
   * Whether what a step has left in a state is no older than the step says it may be. How old that is is known from the
   * step's own state, when the state in question was made after it.
   */
  async #isYoungEnough(record: CheckpointRecord, step: number): Promise<boolean> {
    const { steps, store } = this.#options;
    const { cache } = steps[step]!;
    if (!cache || cache.maxAge === undefined || this.natures[step]!.machineAfter !== 'changed') return true;
    const key = this.#keys[step];
    const own = key === record.key ? record : key !== undefined && (await store.peek(key));
    if (!own) return false;
    const madeAt = Date.parse(own.createdAt);
    return Date.now() - madeAt <= cache.maxAge && madeAt <= Date.parse(record.createdAt);
  }
}

/** Key of the machine of a build in which a step has failed: there is one a build, the last. */
export function failedKey({ origin }: Plan, build: string): string {
  return canonicalHash({ failed: { folder: origin.folder, file: origin.file, build } });
}

export interface OpenStates {
  readonly plan: Plan;
  readonly build: Build;
  readonly options: CheckpointOptions | undefined;
  readonly services: Pick<EngineServices, 'home' | 'host'>;
  readonly store: CheckpointStore;
  readonly resolve: (ref: ImageRef) => Promise<LocalImage>;
}

export type OpenedStates =
  | { readonly kind: 'none'; readonly reason?: string }
  | {
      readonly kind: 'states';
      readonly states: BuildStates;
      readonly source: BuiltSource;
      readonly options: CheckpointOptions;
      readonly support: Extract<CheckpointSupport, { kind: 'disks' }>;
      readonly base: LocalImage | undefined;
    };

/**
 * Finds out which states a build goes through, where states are kept at all.
 * @throws KilnError what resolving the source image throws; `not-found` for a step that the options name
 */
export async function openBuildStates(open: OpenStates): Promise<OpenedStates> {
  const { plan, build, options, services, store } = open;
  const { source, steps } = build;
  const { host, home } = services;
  if (!options || options.mode === 'none' || !isBuilt(source) || !host.checkpointSupport)
    return { kind: 'none' };
  const support = await host.checkpointSupport(source);
  if (support.kind === 'none') return support;
  const { base, installer } = source.kind === 'qemu' ? await resolveImages(source, open.resolve) : {};
  if (base) await store.linkBase(base.digest, base.path);
  const states = new BuildStates({
    source,
    steps,
    rules: {
      folder: plan.origin.folder,
      secrets: plan.secrets,
      secretKey: await storeSecretKey(home),
    },
    images: { base: base?.digest ?? 'blank', ...(installer ? { installer: installer.digest } : {}) },
    machine: support.machine,
    store,
    use: options.use,
    refreshFrom: options.refreshFrom === undefined ? Infinity : indexOfStep(steps, options.refreshFrom),
    acceptLosses: options.mode === 'disk',
  });
  return { kind: 'states', states, source, options, support, base };
}

async function resolveImages(
  { disk, installer }: QemuSource,
  resolve: OpenStates['resolve'],
): Promise<{ readonly base?: LocalImage; readonly installer?: LocalImage }> {
  return {
    ...(disk.kind === 'empty' ? {} : { base: await resolve(disk) }),
    ...(installer ? { installer: await resolve(installer) } : {}),
  };
}
