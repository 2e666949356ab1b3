import { randomBytes } from 'node:crypto';
import { sleep } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { withMemory } from './migration.ts';
import { needProgram } from './programs.ts';
import type { Qmp } from './qmp.ts';

/*
 * Snapshots inside of qcow2 files (QEMU's docs/interop/qcow2.txt, "Snapshots"): of disks, and in the first of them
 * the machine's memory and devices.
 */

export interface SnapshotJob {
  readonly tag: string;
  /** QEMU's names of the disks, the one that has the memory first. */
  readonly nodes: readonly string[];
  readonly signal?: AbortSignal;
}

/** Saves a machine that runs or is stopped; it is stopped meanwhile. @throws KilnError `qemu-failed`, `cancelled` */
export async function saveSnapshot(qmp: Qmp, job: SnapshotJob): Promise<void> {
  await withMemory(qmp);
  await runJob(qmp, 'snapshot-save', job, { vmstate: job.nodes[0], devices: job.nodes });
}

/** Puts a stopped machine with the same devices into a saved state. @throws KilnError `qemu-failed`, `cancelled` */
export async function loadSnapshot(qmp: Qmp, job: SnapshotJob): Promise<void> {
  await withMemory(qmp);
  await runJob(qmp, 'snapshot-load', job, { vmstate: job.nodes[0], devices: job.nodes });
}

/** @throws KilnError `qemu-failed`, `cancelled` */
export async function deleteSnapshot(qmp: Qmp, job: SnapshotJob): Promise<void> {
  await runJob(qmp, 'snapshot-delete', job, { devices: job.nodes });
}

/**
 * The same for disks of a machine that is off.
 * @throws KilnError `tool-failed`, `tool-missing`
 */
export async function snapshotDisks(
  what: 'create' | 'apply' | 'delete',
  tag: string,
  paths: readonly string[],
): Promise<void> {
  const option = { create: '-c', apply: '-a', delete: '-d' }[what];
  const program = needProgram('qemu-img', 'makes and converts disk images');
  for (const path of paths) await runOrFail(program, ['snapshot', '-q', option, tag, path]);
}

interface JobInfo {
  readonly id: string;
  readonly status: string;
  readonly error?: string;
}

async function runJob(
  qmp: Qmp,
  command: string,
  { tag, signal }: SnapshotJob,
  more: Readonly<Record<string, unknown>>,
): Promise<void> {
  const id = `kiln-${randomBytes(4).toString('hex')}`;
  await qmp.expect(command, { 'job-id': id, tag, ...more });
  for (;;) {
    const job = (await qmp.expect<readonly JobInfo[]>('query-jobs')).find((one) => one.id === id);
    if (!job || job.status === 'concluded') {
      await qmp.execute('job-dismiss', { id });
      if (job?.error !== undefined)
        throw new KilnError('qemu-failed', `QEMU refuses the snapshot: ${job.error}`);
      return;
    }
    await sleep(10, signal);
  }
}
