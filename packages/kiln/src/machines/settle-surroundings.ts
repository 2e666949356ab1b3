import { KilnError } from '../base/errors.ts';
import { agentGuest } from '../guests/agent-guest.ts';
import type { Guest } from '../guests/guest.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import { rootCommand } from './as-root.ts';
import { attachFolders, detachFolders, serveMounted } from './folders/attach-folders.ts';
import { serveAgain } from './folders/nfs/folder-server.ts';
import { agentSite } from './machine-agent.ts';
import { type MachineRecord, machineFiles, readRecord } from './machine-record.ts';
import type { MachineServices } from './machine-services.ts';
import { configureNetworks, tellNeighbours } from './networks/configure-networks.ts';
import { openMachineGuest } from './open-guest.ts';
import { pluggedFolders } from './surroundings.ts';

/** Serves the folders that are mounted over the network, for a machine that is about to boot. */
export async function serveBeforeBoot(
  services: Pick<MachineServices, 'home' | 'signal'>,
  record: MachineRecord,
  spec: Pick<MachineSpec, 'folders'>,
): Promise<void> {
  await serveMounted(machineFiles(services.home, record.id).folder, spec.folders, services.signal);
}

/**
 * Has a machine that runs use what it is plugged into: cards configured, names known, folders there.
 * @throws KilnError as `configureNetworks` and `attachFolders`
 */
export async function settleSurroundings(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
  spec: Pick<MachineSpec, 'networks' | 'names' | 'folders'>,
): Promise<void> {
  const hasNetworks = spec.networks.length > 0 || spec.names !== undefined;
  if (!hasNetworks && spec.folders.length === 0) return;
  const guest = await openRootGuest(services, record);
  try {
    const openNeighbour = (id: string) => openById(services, id);
    await Promise.all([
      hasNetworks ? configureNetworks(services, { record, guest, openNeighbour }) : undefined,
      attachFolders(services, { record, spec, guest }),
    ]);
  } finally {
    await guest.close();
  }
}

/** As root at once where the agent answers: sudo takes its time. By SSH as the user that logs in, who may become it. */
async function openRootGuest(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
): Promise<Guest> {
  const guest = await openMachineGuest(services, record);
  if (guest.kind !== 'agent') return guest;
  await guest.close();
  return agentGuest(agentSite(machineFiles(services.home, record.id)), 'root');
}

/**
 * Has the running machines of projects forget the names of machines that were destroyed. One that cannot be reached
 * forgets them when it starts the next time.
 * @throws KilnError `cancelled`
 */
export async function forgetDestroyed(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  destroyed: readonly Pick<MachineRecord, 'project'>[],
): Promise<void> {
  for (const project of new Set(destroyed.map((record) => record.project)))
    await tellNeighbours(services, { project }, (id) => openById(services, id));
}

/** Connects to another machine of this store. */
export async function openById(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  id: string,
): Promise<Guest> {
  const record = await readRecord(services.home, id);
  if (!record) throw new KilnError('not-found', `the machine ${id} is gone`);
  return openRootGuest(services, record);
}

/**
 * Readies folders for the saving of a machine: QEMU does not save one that has some mounted by devices.
 * @throws KilnError `unsupported` for virtiofs, `locked` when a folder is in use
 */
export async function detachSurroundings(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
): Promise<void> {
  const plugged = await pluggedFolders(machineFiles(services.home, record.id));
  if (plugged.length === 0) return;
  const virtiofs = plugged.find(({ type }) => type === 'virtiofs');
  if (virtiofs) {
    throw new KilnError(
      'unsupported',
      `${record.name} cannot be saved: ${virtiofs.guestPath} is mounted by virtiofs, which QEMU does not save`,
      { hint: 'leave out the type of the folder, or halt the machine instead' },
    );
  }
  const guest = await openMachineGuest(services, record);
  try {
    await detachFolders(services, { record, guest });
  } finally {
    await guest.close();
  }
}

/** What `detachSurroundings` took away is there again, and the server of folders runs, in a machine that goes on. */
export async function wakeSurroundings(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
): Promise<void> {
  const files = machineFiles(services.home, record.id);
  await serveAgain(files.folder, services.signal);
  if ((await pluggedFolders(files)).length === 0) return;
  const guest = await openMachineGuest(services, record);
  try {
    await guest.exec({ command: rootCommand('mount -a -t 9p'), signal: services.signal });
  } finally {
    await guest.close();
  }
}
