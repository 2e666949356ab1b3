import type { MachineRecord } from '../../../../machines/machine-record.ts';
import { listSnapshots } from '../../../../machines/snapshots/snapshot-list.ts';
import type { Session } from '../../session.ts';
import { VagrantError } from '../../vagrant-error.ts';

/** @throws VagrantError `SnapshotNotFound` */
export async function checkSnapshot(session: Session, record: MachineRecord, name: string): Promise<void> {
  const all = await listSnapshots(session.home, record.id);
  if (all.some((one) => one.name === name)) return;
  throw new VagrantError(
    'SnapshotNotFound',
    `the machine ${record.name} has no snapshot ${name}`,
    all.length === 0 ? 'it has none' : `it has ${all.map((one) => one.name).join(', ')}`,
  );
}
