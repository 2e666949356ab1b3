import { copyFile, readFile, rm } from 'node:fs/promises';
import { exists } from '../../base/files.ts';
import { agentAnswers, agentGuest } from '../../guests/agent-guest.ts';
import { saveState } from '../../hosts/qemu/migration.ts';
import type { Qmp } from '../../hosts/qemu/qmp.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import { pruneWarm, warmBudget } from '../../store/warm/prune-warm.ts';
import type { WarmRecord } from '../../store/warm/warm-record.ts';
import { findWarm, keepWarm, newWarmFolder, type WarmSnapshot } from '../../store/warm/warm-store.ts';
import { macAddress } from '../devices.ts';
import { agentSite } from '../machine-agent.ts';
import { type MachineFiles, type MachineRecord, machineFiles } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { isolate, leadOut } from '../outside-network.ts';
import { nextLayer } from '../settle-disk.ts';
import { settleSurroundings } from '../settle-surroundings.ts';
import { listSnapshots } from '../snapshots/snapshot-list.ts';
import { openPorts } from '../start-machine.ts';
import { connectIfThere } from '../stop-machine.ts';
import { pluggedFolders, plugInAgain, prepareSurroundings, unplugCards } from '../surroundings.ts';
import { disksToKeep, linkDisks, putNewTops } from './kept-disks.ts';
import { describeMachine, hostKeyKinds } from './kept-parts.ts';

export type KeptMachine =
  | { readonly kind: 'kept'; readonly snapshot: WarmSnapshot }
  | { readonly kind: 'not-kept'; readonly why: string };

/**
 * Keeps a machine that runs under a key, for others to begin as copies of it (`UpRequest.provisionedKey`): its memory
 * and its disk as they are. It stops for about a second and goes on; its connections end. To be called under the
 * machine's lock.
 * @throws KilnError `qemu-failed`, `disk-full`, `cancelled`; the machine goes on all the same
 */
export async function keepMachine(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  key: string,
): Promise<KeptMachine> {
  const { home, signal } = services;
  const known = await findWarm(home, key);
  if (known) return { kind: 'kept', snapshot: known };
  const files = machineFiles(home, record.id);
  const why = await whyNot(services, record, files);
  if (why !== undefined) return { kind: 'not-kept', why };
  const qmp = await connectIfThere(files.qmp);
  if (!qmp) return { kind: 'not-kept', why: 'it does not run' };
  const { cards } = await prepareSurroundings(services, record);
  try {
    const root = agentGuest(agentSite(files), 'root');
    const unmounted = await root.exec({ command: 'umount -a -t nfs,nfs4 2>/dev/null; sync', signal });
    if (unmounted.kind !== 'exited') return { kind: 'not-kept', why: 'its agent broke off' };
    const hostKeys = await hostKeyKinds(root, signal);
    tell(services, record.name, 'keeping it as it is now, for machines like it');
    // They are the machine's own; copies get others at the same places.
    const unplugged = await unplugCards(qmp, cards, signal);
    if (!unplugged) return { kind: 'not-kept', why: 'it does not let go of its network cards' };
    const snapshot = await freeze(services, record, spec, key, files, qmp, hostKeys);
    await pruneWarm(home, { maxBytes: await warmBudget(home) });
    return { kind: 'kept', snapshot };
  } finally {
    await plugInAgain(qmp, cards);
    qmp.close();
    await settleSurroundings(services, record, spec);
  }
}

async function whyNot(
  { home, signal }: MachineServices,
  record: MachineRecord,
  files: MachineFiles,
): Promise<string | undefined> {
  if (record.image.id === undefined) return 'its disk is no image of the store';
  if ((record.disks ?? []).some(({ kind }) => kind !== 'disk'))
    return 'it has a disk that is a file of its own';
  if ((record.hardware?.qemuArguments ?? []).length > 0) return "it has words for QEMU's command line";
  if ((await pluggedFolders(files)).length > 0) return 'it has devices for synced folders';
  if ((await listSnapshots(home, record.id)).length > 0) return 'it has snapshots, which lie on its disk';
  if (await exists(nextLayer(files.disk))) return 'it was kept once since it was started';
  if (!(await agentAnswers(agentSite(files), signal)))
    return 'it has no agent that could give a copy its identity';
  return undefined;
}

async function freeze(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  key: string,
  files: MachineFiles,
  qmp: Qmp,
  hostKeys: readonly string[],
): Promise<WarmSnapshot> {
  const { home, signal } = services;
  const kept = await newWarmFolder(home, key);
  try {
    await qmp.expect('stop');
    let isIsolated = false;
    const disks = await disksToKeep(files, record, qmp, key);
    try {
      await isolate(qmp);
      isIsolated = true;
      // First of all: once the state is saved QEMU has let go of the disks.
      await putNewTops(qmp, disks);
      await saveState(qmp, kept.state, { withoutMemory: false, signal });
    } finally {
      if (isIsolated) {
        await leadOut(qmp);
        await openPorts(services, { record, qemu: { qmp } });
      }
      await qmp.expect('cont');
    }
    const layers = await linkDisks(kept, key, disks);
    if (record.firmware === 'efi') await copyFile(files.efiVars, kept.efiVars);
    const warm: WarmRecord = {
      schema: 1,
      key,
      createdAt: new Date().toISOString(),
      image: { id: record.image.id!, description: record.image.description },
      machine: `${describeMachine(record, spec.diskSize)}, provisioned as ${record.name}`,
      mac: macAddress(record),
      hostKeys,
      ...layers,
      isWhole: true,
      loginKey: (await readFile(files.publicKey, 'utf8')).split(' ')[1]!.trim(),
    };
    return await keepWarm(home, warm, kept);
  } catch (error) {
    await rm(kept.folder, { recursive: true, force: true });
    throw error;
  }
}
