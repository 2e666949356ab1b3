import { throwIfCancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import type { RestorePoint } from '../hosts/checkpoint.ts';
import type { CheckpointRecord } from '../store/checkpoints/checkpoint-record.ts';
import type { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { abandonMachine, type MachineWithValues, machinePhases, startMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { CheckpointedSetup } from './checkpointed-setup.ts';
import { LostState, speaksAgainstState } from './lost-state.ts';
import { canBecomeRoot, refreshGuest, settleDisk } from './refresh-guest.ts';

export interface StateToKeep {
  readonly key: string;
  /** What the machine has just done, for people. */
  readonly step: string;
  /** A step that has handled a secret may have left it in memory. */
  readonly hasSecret: boolean;
  /** It is the machine of a step that has failed. */
  readonly failedStep?: number;
}

/** The machine of a build while it runs, and the keeping of its states. */
export class LiveMachine {
  readonly #scene: BuildScene;
  readonly #setup: CheckpointedSetup;
  #running: MachineWithValues | undefined;
  #keeper: CheckpointKeeper | undefined;
  #memory: boolean;

  constructor(scene: BuildScene, setup: CheckpointedSetup) {
    this.#scene = scene;
    this.#setup = setup;
    this.#memory = setup.options.mode === 'memory' && setup.support.noMemory === undefined;
  }

  get running(): MachineWithValues | undefined {
    return this.#running;
  }

  /** A state could not be kept, and none after it can. */
  get isBroken(): boolean {
    return this.#keeper?.isBroken ?? false;
  }

  /** Settles when what is to be kept is in the store. */
  async settled(): Promise<void> {
    await this.#keeper?.settled();
  }

  /** A machine of the source, as it is before the first step. */
  async start(): Promise<MachineWithValues> {
    const phases = machinePhases(this.#setup.source);
    this.#running = await startMachine(this.#scene, phases?.start, { memory: this.#memory });
    this.#keeper = this.#newKeeper(undefined);
    await this.#learnAboutRoot();
    return this.#running;
  }

  /**
   * The machine as it was.
   * @param label when that was, for people
   * @throws LostState when the state turns out to be of no use; it is forgotten then
   */
  async restore(record: CheckpointRecord, label: string): Promise<MachineWithValues> {
    const { store } = this.#setup;
    const how = record.memory
      ? 'restoring the machine'
      : record.trees
        ? 'taking up the tree'
        : 'booting the machine';
    const plan = { memory: this.#memory && record.memory !== undefined, from: restorePoint(store, record) };
    try {
      return await this.#scene.reporter.stage(`${how} as ${label}`, async () => {
        this.#running = await startMachine(this.#scene, undefined, plan);
        this.#keeper = this.#newKeeper(record);
        if (record.memory) await refreshGuest(this.#running.machine.guest, this.#scene.plan.signal);
        else await this.#learnAboutRoot();
        return this.#running;
      });
    } catch (error) {
      throwIfCancelled(this.#scene.plan.signal);
      if (!speaksAgainstState(error)) throw error;
      await store.remove(record.key);
      throw new LostState(error);
    }
  }

  /** Keeps what the machine is now. That it cannot be is a warning: the build goes on. @throws KilnError `cancelled` */
  async keep({ key, step, hasSecret, failedStep }: StateToKeep): Promise<void> {
    const { build, reporter, plan } = this.#scene;
    const { options } = this.#setup;
    const running = this.#running;
    const machine = running?.machine.checkpoints;
    if (!machine || this.#keeper!.isBroken || options.mode === 'none') return;
    const memory = this.#memory && (!hasSecret || options.secrets === true);
    try {
      const isTree = this.#setup.source.kind === 'rootfs';
      const lostByReboot = memory || isTree ? [] : await settleDisk(running.machine.guest, plan.signal);
      const frozen = await machine.freeze({ memory });
      this.#keeper!.keep(machine, frozen, {
        key,
        build: build.name,
        step: plan.secrets.hide(step),
        lostByReboot: lostByReboot.map((one) => plan.secrets.hide(one)),
        ...(failedStep === undefined ? {} : { failedStep }),
      });
    } catch (error) {
      if (error instanceof KilnError && error.code === 'cancelled') throw error;
      reporter.warn(`no checkpoint is kept after ${step}: ${messageOf(error)}`);
    }
  }

  /** Keeps the disks of the machine that is off now. */
  async keepFinished(key: string | undefined): Promise<void> {
    const keeper = this.#keeper;
    const checkpoints = this.#running?.machine.checkpoints;
    if (!checkpoints || key === undefined || !keeper || keeper.isBroken) return;
    const firmwareVariables = checkpoints.finalVariables();
    keeper.keep(
      checkpoints,
      { disks: checkpoints.finalDisks(), ...(firmwareVariables === undefined ? {} : { firmwareVariables }) },
      { key, build: this.#scene.build.name, step: 'the machine is off', lostByReboot: [] },
    );
    await keeper.settled();
  }

  /** Ends the machine, if there is one. @param keep leave its disks for people to look at */
  async abandon(keep: boolean): Promise<void> {
    await this.settled();
    if (this.#running) await abandonMachine(this.#scene, this.#running.machine, keep);
    this.#running = undefined;
  }

  #newKeeper(from: CheckpointRecord | undefined): CheckpointKeeper {
    const { store, base } = this.#setup;
    const { reporter, scratch } = this.#scene;
    return new CheckpointKeeper({
      store,
      scratch,
      base,
      chains: from?.disks ?? [],
      ...(from?.trees ? { trees: from.trees } : {}),
      warn: reporter.warn,
    });
  }

  /** A machine that nobody can set the clock of must not be woken up days later. */
  async #learnAboutRoot(): Promise<void> {
    if (!this.#memory) return;
    const { reporter, plan } = this.#scene;
    if (await canBecomeRoot(this.#running!.machine.guest, plan.signal)) return;
    this.#memory = false;
    reporter.say(
      'the login user cannot become root, so only the disks of the machine are kept, not its memory',
    );
  }
}

/** Where a host finds what a record speaks of. */
export function restorePoint(store: CheckpointStore, record: CheckpointRecord): RestorePoint {
  return {
    disks: record.disks.map((layers) => store.diskPath(layers[0]!)),
    ...(record.trees ? { trees: record.trees.map((layer) => store.treePath(layer)) } : {}),
    ...(record.memory ? { memory: store.memoryPath(record.memory.digest) } : {}),
    ...(record.firmwareVariables === undefined ? {} : { firmwareVariables: record.firmwareVariables }),
    ...(record.login ? { login: record.login } : {}),
  };
}
