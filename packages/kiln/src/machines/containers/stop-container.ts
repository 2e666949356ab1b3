import { KilnError } from '../../base/errors.ts';
import { type ContainerHandle, containerState } from '../../hosts/docker/container-state.ts';
import { docker } from '../../hosts/docker/docker-command.ts';
import type { MachineFiles } from '../machine-record.ts';
import { containerOf } from './container-file.ts';

export interface HaltOptions {
  readonly force: boolean;
  /** How long it may take to end by itself, in milliseconds. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/**
 * Stops a container: it is asked to end, and ended when it takes too long.
 * @throws KilnError `tool-missing`, `tool-failed`, `cancelled`
 */
export async function haltContainer(
  container: ContainerHandle,
  { force, patience, signal }: HaltOptions,
): Promise<'halted' | 'forced' | 'was-off'> {
  const { name } = container;
  const state = await containerState(container, signal);
  if (state === 'stopped' || state === 'gone') return 'was-off';
  if (state === 'paused') await docker(['unpause', name], { signal });
  if (force) await docker(['kill', name], { signal });
  else await docker(['stop', '--time', String(Math.ceil(patience / 1000)), name], { signal });
  return force ? 'forced' : 'halted';
}

/** @throws KilnError `not-found` when it does not run, `tool-missing`, `tool-failed` */
export async function pauseContainer(container: ContainerHandle, signal: AbortSignal): Promise<void> {
  if ((await containerState(container, signal)) !== 'running') {
    throw new KilnError('not-found', `the container ${container.name} does not run`, {
      hint: 'start it with `kiln up`',
    });
  }
  await docker(['pause', container.name], { signal });
}

/** Removes a machine's container, running or not, with the volumes that nobody has named. None is fine. */
export async function removeContainer(files: MachineFiles): Promise<void> {
  const container = await containerOf(files);
  if (!container || (await containerState(container)) === 'gone') return;
  await docker(['rm', '--force', '--volumes', container.name]);
}
