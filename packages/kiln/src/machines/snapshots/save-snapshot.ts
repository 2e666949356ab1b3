import { randomBytes } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import { deleteSnapshot, saveSnapshot, snapshotDisks } from '../../hosts/qemu/internal-snapshots.ts';
import { type MachineRecord, machineFiles, machineState } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { readProvisionedMark } from '../provision/provisioned-mark.ts';
import { settleDisk } from '../settle-disk.ts';
import { detachSurroundings, wakeSurroundings } from '../settle-surroundings.ts';
import { connectIfThere } from '../stop-machine.ts';
import { topNodes } from '../top-nodes.ts';
import {
  findSnapshot,
  listSnapshots,
  type MachineSnapshot,
  snapshotNodes,
  snapshotPaths,
  variablesPath,
  writeSnapshots,
} from './snapshot-list.ts';

/**
 * Keeps the machine as it is now: with its memory when it runs, which stops it for about a second, else its disks.
 * To be called under the machine's lock.
 * @param options.replace one of the same name goes
 * @throws KilnError `already-exists`, `unsupported` for a suspended machine and a container, `qemu-failed`, `disk-full`
 */
export async function saveMachineSnapshot(
  services: MachineServices,
  record: MachineRecord,
  name: string,
  options: { readonly replace?: boolean } = {},
): Promise<MachineSnapshot> {
  const { home } = services;
  const files = machineFiles(home, record.id);
  const same = (await listSnapshots(home, record.id)).find((one) => one.name === name);
  if (same && !options.replace) {
    throw new KilnError('already-exists', `${record.name} has a snapshot "${name}" already`, {
      hint: 'choose another name, or give --force to put this one in its place',
    });
  }
  const state = await machineState(home, record.id);
  if (state === 'suspended') {
    throw new KilnError('unsupported', `${record.name} is suspended: its memory is not with its disks`, {
      hint: `wake it first with \`kiln resume ${record.name}\``,
    });
  }
  const tag = `kiln-${randomBytes(6).toString('hex')}`;
  tell(services, record.name, `saving the snapshot "${name}"`);
  if (record.firmware === 'efi') await copyFile(files.efiVars, variablesPath(files, tag));
  try {
    if (state === 'running') await saveRunning(services, record, tag);
    else {
      await settleDisk(files);
      await snapshotDisks('create', tag, snapshotPaths(files, record));
    }
  } catch (error) {
    await rm(variablesPath(files, tag), { force: true });
    throw error;
  }
  const provisioned = await readProvisionedMark(home, record.id);
  const { cpus, memory, hardware, disks, accelerator } = record;
  const snapshot: MachineSnapshot = {
    name,
    tag,
    createdAt: new Date().toISOString(),
    hasMemory: state === 'running',
    machine: {
      cpus,
      memory,
      ...(hardware === undefined ? {} : { hardware }),
      ...(disks === undefined ? {} : { disks }),
      ...(accelerator === undefined ? {} : { accelerator }),
    },
    ...(provisioned === undefined ? {} : { provisioned }),
  };
  await writeSnapshots(home, record.id, [...(await listSnapshots(home, record.id)), snapshot]);
  if (same) await deleteTag(services, record, same);
  return snapshot;
}

/** Takes a snapshot away. To be called under the machine's lock. @throws KilnError `not-found`, `qemu-failed` */
export async function deleteMachineSnapshot(
  services: MachineServices,
  record: MachineRecord,
  name: string,
): Promise<void> {
  await deleteTag(services, record, await findSnapshot(services.home, record, name));
}

async function saveRunning(services: MachineServices, record: MachineRecord, tag: string): Promise<void> {
  const qmp = await connectToQemu(services, record);
  try {
    // Folders of the host that QEMU itself hands in have a state that cannot be saved.
    await detachSurroundings(services, record);
    await saveSnapshot(qmp, {
      tag,
      nodes: await topNodes(qmp, snapshotNodes(record)),
      signal: services.signal,
    });
  } finally {
    await qmp.execute('cont').catch(() => undefined);
    qmp.close();
    await wakeSurroundings(services, record);
  }
}

async function deleteTag(
  services: MachineServices,
  record: MachineRecord,
  { tag }: MachineSnapshot,
): Promise<void> {
  const { home, signal } = services;
  const files = machineFiles(home, record.id);
  if ((await machineState(home, record.id)) === 'running') {
    const qmp = await connectToQemu(services, record);
    try {
      await deleteSnapshot(qmp, { tag, nodes: await topNodes(qmp, snapshotNodes(record)), signal });
    } finally {
      qmp.close();
    }
  } else {
    await settleDisk(files);
    await snapshotDisks('delete', tag, snapshotPaths(files, record));
  }
  await rm(variablesPath(files, tag), { force: true });
  const left = (await listSnapshots(home, record.id)).filter((one) => one.tag !== tag);
  await writeSnapshots(home, record.id, left);
}

async function connectToQemu({ home }: MachineServices, record: MachineRecord) {
  const qmp = await connectIfThere(machineFiles(home, record.id).qmp);
  if (qmp) return qmp;
  throw new KilnError('unsupported', `${record.name} has no snapshots: it is not run by QEMU`, {
    hint: 'snapshots are of virtual machines',
  });
}
