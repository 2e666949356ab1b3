import { readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { unpackMemory } from '../../store/checkpoints/memory-pack.ts';
import type { RunningQemu } from './launch.ts';
import { loadState, saveState } from './migration.ts';

/** Id of the one block that all of a machine's memory is in. */
export const memoryId = 'kiln-memory';

/**
 * QEMU's options for memory that can be read and written from outside: an anonymous file that only QEMU's own file
 * descriptor names, so that nothing of it can stay behind. Machines without a checkpoint have private memory instead.
 * @param bytes of memory
 */
export function memoryOptions(bytes: number): string[] {
  return ['-object', `memory-backend-memfd,id=${memoryId},size=${bytes},share=on`];
}

/** Path under which a machine's memory can be opened as a file for as long as it runs (proc(5), /proc/pid/fd). */
export async function memoryFile(pid: number): Promise<string> {
  const folder = `/proc/${pid}/fd`;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    try {
      if ((await readlink(path)).startsWith('/memfd:memory-backend-memfd')) return path;
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  throw new KilnError('qemu-failed', 'the memory of the machine cannot be found');
}

/**
 * Writes the state of all devices of a stopped machine to a file, without its memory. The machine can go on after it.
 * @throws KilnError `qemu-failed`
 */
export async function saveDeviceState({ qmp }: Pick<RunningQemu, 'qmp'>, path: string): Promise<void> {
  await saveState(qmp, path, { withoutMemory: true });
}

/**
 * Copies the memory of a stopped machine. Areas that it never touched stay holes.
 * @throws KilnError `disk-full`, `tool-failed`
 */
export async function copyMemory(qemu: Pick<RunningQemu, 'pid'>, to: string): Promise<void> {
  await writeFile(to, '', { mode: 0o600, flag: 'wx' });
  try {
    await runOrFail('cp', ['--sparse=auto', '--no-preserve=mode', '--', await memoryFile(qemu.pid), to]);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

/**
 * Puts a machine that was started with `-incoming defer` into a saved state. It is still stopped then.
 * @throws KilnError `store-corrupt`, `qemu-failed` when QEMU does not take the state
 */
export async function restoreMemory(qemu: RunningQemu, pack: string, scratch: string): Promise<void> {
  const state = join(scratch, 'restored-state');
  try {
    await writeFile(state, await unpackMemory(pack, await memoryFile(qemu.pid)), { mode: 0o600 });
    await loadState(qemu.qmp, state, { withoutMemory: true });
  } finally {
    await rm(state, { force: true });
  }
}
