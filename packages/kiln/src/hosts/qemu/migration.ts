import { sleep } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import type { Qmp } from './qmp.ts';

export interface MigrationOptions {
  /** Leaves memory that is a file of its own out (QEMU's `x-ignore-shared`). */
  readonly withoutMemory: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes the state of a stopped machine to a new private file. The machine can go on after it.
 * @throws KilnError `qemu-failed`, `cancelled`
 */
export async function saveState(qmp: Qmp, path: string, options: MigrationOptions): Promise<void> {
  await prepare(qmp, options);
  // The file is private before anything of the machine is in it.
  await qmp.expect('migrate', { uri: `exec:umask 077; cat > ${shellQuote(path)}` });
  try {
    await untilDone(qmp, options.signal);
  } catch (error) {
    await qmp.execute('migrate_cancel').catch(() => undefined);
    throw error;
  }
}

/**
 * Puts a machine that was started with `-incoming defer` into a saved state. It is still stopped then.
 * @throws KilnError `qemu-failed` when QEMU does not take the state, `cancelled`
 */
export async function loadState(qmp: Qmp, path: string, options: MigrationOptions): Promise<void> {
  await prepare(qmp, options);
  await qmp.expect('migrate-incoming', { uri: `exec:cat ${shellQuote(path)}` });
  await untilDone(qmp, options.signal);
}

/** States that are saved or loaded from now on have all of the memory; QEMU remembers what was said last. */
export async function withMemory(qmp: Qmp): Promise<void> {
  await ignoreShared(qmp, false);
}

async function ignoreShared(qmp: Qmp, state: boolean): Promise<void> {
  await qmp.expect('migrate-set-capabilities', { capabilities: [{ capability: 'x-ignore-shared', state }] });
}

async function prepare(qmp: Qmp, { withoutMemory }: MigrationOptions): Promise<void> {
  await ignoreShared(qmp, withoutMemory);
  if (!withoutMemory) await qmp.expect('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
}

/** QEMU tells of the end by an event only when asked for by one more capability, and most of this is quick. */
async function untilDone(qmp: Qmp, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    const { status, 'error-desc': words } = await qmp.expect<MigrationInfo>('query-migrate');
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled')
      throw new KilnError('qemu-failed', `QEMU cannot save or restore the machine: ${words ?? status}`);
    await sleep(4, signal);
  }
}

interface MigrationInfo {
  readonly status?: string;
  readonly 'error-desc'?: string;
}
