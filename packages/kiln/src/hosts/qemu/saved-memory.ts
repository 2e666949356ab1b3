import { readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import { unpackMemory } from '../../store/checkpoints/memory-pack.ts';
import type { RunningQemu } from './launch.ts';

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
 * Writes the state of all devices of a stopped machine to a file, without its memory (QEMU's migration with
 * `x-ignore-shared`). The machine can go on after it.
 * @throws KilnError `qemu-failed`
 */
export async function saveDeviceState(qemu: RunningQemu, path: string): Promise<void> {
  await ignoreMemory(qemu);
  await qemu.qmp.expect('migrate', { uri: `exec:umask 077; cat > ${shellQuote(path)}` });
  await untilMigrated(qemu);
}

/**
 * Copies the memory of a stopped machine. Areas that it never touched stay holes.
 * @throws KilnError `disk-full`, `tool-failed`
 */
export async function copyMemory(qemu: RunningQemu, to: string): Promise<void> {
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
    await ignoreMemory(qemu);
    await qemu.qmp.expect('migrate-incoming', { uri: `exec:cat ${shellQuote(state)}` });
    await untilMigrated(qemu);
  } finally {
    await rm(state, { force: true });
  }
}

async function ignoreMemory(qemu: RunningQemu): Promise<void> {
  await qemu.qmp.expect('migrate-set-capabilities', {
    capabilities: [{ capability: 'x-ignore-shared', state: true }],
  });
}

/** Takes some 20 ms; QEMU tells of the end by an event only when asked for by one more capability. */
async function untilMigrated(qemu: RunningQemu): Promise<void> {
  for (;;) {
    const { status, 'error-desc': words } = await qemu.qmp.expect<MigrationInfo>('query-migrate');
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled')
      throw new KilnError('qemu-failed', `QEMU cannot save or restore the machine: ${words ?? status}`);
    await sleep(4);
  }
}

interface MigrationInfo {
  readonly status?: string;
  readonly 'error-desc'?: string;
}
