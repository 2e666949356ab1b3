import { readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { Run } from '../../store/run.ts';
import type { FrozenMachine } from '../checkpoint.ts';
import type { RunningQemu } from './launch.ts';
import type { LayeredDisks } from './layered-disks.ts';
import type { PreparedBuild } from './prepare-build.ts';
import { copyMemory, saveDeviceState } from './saved-memory.ts';

export interface FreezeOptions {
  readonly qemu: RunningQemu;
  readonly prepared: PreparedBuild & { readonly layers: LayeredDisks };
  readonly run: Pick<Run, 'ownPath'>;
  readonly scratch: string;
  /** Tells this state from others of the same machine. */
  readonly number: number;
  readonly memory: boolean;
}

/**
 * Stops a machine, keeps its disks and, when asked, its memory, and lets it go on: some tenths of a second, most of
 * them for the copy of the memory.
 * @throws KilnError when a part cannot be kept; the machine goes on all the same
 */
export async function freezeMachine(options: FreezeOptions): Promise<FrozenMachine> {
  const { qemu, prepared, scratch, number, memory } = options;
  const { layers, key, firmware } = prepared;
  const copy = memory ? await placeForMemory(options) : undefined;
  const state = join(scratch, `state-${number}`);
  await qemu.qmp.expect('stop');
  try {
    const disks = await layers.freeze(qemu, scratch);
    if (copy) {
      await saveDeviceState(qemu, state);
      await copyMemory(qemu, copy.file);
    }
    return {
      disks,
      ...(copy ? { memory: { ...copy, state } } : {}),
      ...(firmware.kind === 'efi' ? { firmwareVariables: await readFile(firmware.vars, 'base64') } : {}),
      ...(key ? { login: key } : {}),
    };
  } catch (error) {
    await rm(state, { force: true });
    throw error;
  } finally {
    await qemu.qmp.execute('cont');
  }
}

const memoryFolder = '/dev/shm';

/**
 * Where a copy of the memory is quickest to make and to read again: in memory when there is room, else in the scratch
 * folder. It is gone as soon as it is packed.
 */
async function placeForMemory(
  options: FreezeOptions,
): Promise<{ readonly file: string; readonly size: number }> {
  const { qemu, run, scratch, number } = options;
  const { 'base-memory': size } = await qemu.qmp.expect<{ readonly 'base-memory': number }>(
    'query-memory-size-summary',
  );
  const inMemory = join(memoryFolder, `kiln-${process.pid}-${qemu.pid}-${number}`);
  if (await hasRoom(memoryFolder, 2 * size)) {
    run.ownPath(inMemory);
    return { file: inMemory, size };
  }
  if (await hasRoom(scratch, 2 * size)) return { file: join(scratch, `memory-${number}`), size };
  throw new KilnError('disk-full', `there is no room for a copy of the machine's memory in ${scratch}`, {
    hint: 'free some space, or build with --checkpoint disk',
  });
}

async function hasRoom(folder: string, bytes: number): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize >= bytes;
  } catch {
    return false;
  }
}
