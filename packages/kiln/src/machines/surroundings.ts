import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { exists, readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import type { Qmp } from '../hosts/qemu/qmp.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import type { SyncedFolder } from '../plan/synced-folder.ts';
import { hotplugPorts } from './devices.ts';
import {
  emptyFolder,
  type FolderDevices,
  folderArguments,
  folderDevices,
  virtiofsArguments,
} from './folders/folder-devices.ts';
import { virtiofsProgram } from './folders/virtiofs-program.ts';
import { type MachineFiles, type MachineRecord, machineFiles } from './machine-record.ts';
import type { MachineServices } from './machine-services.ts';
import { type CardDevice, cardArguments } from './networks/card-devices.ts';
import { prepareNetworks } from './networks/prepare-networks.ts';

/** What a machine is plugged into, beside its first card: networks, and folders that need a device. */
export interface Surroundings {
  readonly cards: readonly CardDevice[];
  readonly folders: FolderDevices;
}

/** Folders that need a device are written down for the machine's next wake-up. */
const noteName = 'folder-devices.json';

/**
 * Makes what a machine is going to be plugged into. Nothing of it runs longer than the machine, or is left when the
 * machine does not start: releaseSurroundings, and the next command's clean-up, take it away.
 * @param spec undefined for a machine that wakes up: it gets what it had
 * @throws KilnError `file-missing` for a folder that is not there, and as `prepareNetworks`
 */
export async function prepareSurroundings(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
  spec?: Pick<MachineSpec, 'networks' | 'names' | 'folders'>,
): Promise<Surroundings> {
  const files = machineFiles(services.home, record.id);
  const noteFile = join(files.folder, noteName);
  const known = ((await readJsonIfExists(noteFile)) ?? []) as readonly SyncedFolder[];
  if (spec) await checkFolders({ name: record.name, folders: spec.folders });
  const plugged = spec ? spec.folders.filter(({ type }) => type === '9p' || type === 'virtiofs') : known;
  if (plugged.length > 0) {
    await mkdir(emptyFolder(files.folder), { recursive: true, mode: 0o700 });
  }
  if (JSON.stringify(plugged) !== JSON.stringify(known)) {
    await writeFileAtomically(noteFile, JSON.stringify(plugged), 0o600);
  }
  const model = record.hardware?.networkCard;
  const cards = await prepareNetworks(services, {
    record,
    ...(spec && { networks: spec.networks }),
    ...(spec?.names && { names: spec.names }),
    ...(model !== undefined && { model }),
  });
  const isQ35 = /q35/.test(record.hardware?.machineType ?? 'q35');
  return {
    cards: isQ35 ? cards.map(onPort) : cards,
    folders: folderDevices(plugged, { scratch: files.folder }),
  };
}

/** A card's place does not change with how it gets there: the machine names it by that. */
function onPort(card: CardDevice, index: number): CardDevice {
  const bus = hotplugPorts[index];
  return bus === undefined ? card : { ...card, device: { ...card.device, bus } };
}

/** @throws KilnError `file-missing` for a folder of the host that is not there, and is not to be made */
export async function checkFolders({ name, folders }: Pick<MachineSpec, 'name' | 'folders'>): Promise<void> {
  for (const { create, hostPath } of folders) {
    if (create) await mkdir(hostPath, { recursive: true });
    else if (!(await exists(hostPath))) {
      throw new KilnError('file-missing', `${name}: the synced folder ${hostPath} does not exist`, {
        hint: 'make it, or have it made with `create: true`',
      });
    }
  }
}

/** For QEMU's command line. */
export function surroundingArguments({ cards, folders }: Surroundings): string[] {
  return [...cardArguments(cards), ...folderArguments(folders), ...virtiofsArguments(folders)];
}

/** Why a machine with these cannot be a copy of one that was booted without them; undefined when it can. */
export function mustBoot(spec: Pick<MachineSpec, 'networks' | 'folders'>): string | undefined {
  if (spec.networks.length > hotplugPorts.length)
    return 'it has more network cards than can be plugged in later';
  const folder = spec.folders.find(({ type }) => type === '9p' || type === 'virtiofs');
  return folder && `the device of ${folder.guestPath} (${folder.type}) has to be there from the start`;
}

/** Plugs cards into a machine that runs. @throws KilnError `qemu-failed` */
export async function plugInCards(qmp: Qmp, cards: readonly CardDevice[]): Promise<void> {
  for (const { netdev, device } of cards) {
    await qmp.expect('netdev_add', netdev);
    await qmp.expect('device_add', device);
  }
}

/** How long a machine may take to let go of its cards, in milliseconds. */
const patienceForCards = 15_000;

/**
 * Takes cards out of a machine that runs. False when it does not let go of one in time, or was not told of its going.
 * @throws KilnError `cancelled`
 */
export async function unplugCards(
  qmp: Qmp,
  cards: readonly CardDevice[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const { device, netdev } of cards) {
    const done = new AbortController();
    const gone = Promise.withResolvers<void>();
    const forget = qmp.onEvent(({ event, data }) => {
      if (event === 'DEVICE_DELETED' && data['device'] === device.id) gone.resolve();
    });
    try {
      if (!(await qmp.execute('device_del', { id: device.id })).ok) return false;
      const late = sleep(patienceForCards, AbortSignal.any([signal, done.signal])).then(
        () => 'late' as const,
      );
      late.catch(() => {}); // of no interest once the card is gone
      if ((await Promise.race([gone.promise, late])) === 'late') return false;
      await qmp.expect('netdev_del', { id: netdev.id });
    } finally {
      done.abort();
      forget();
    }
  }
  return true;
}

/** Plugs in again what is not there of cards. What QEMU has still, it refuses to take twice. */
export async function plugInAgain(qmp: Qmp, cards: readonly CardDevice[]): Promise<void> {
  for (const { netdev, device } of cards) {
    await qmp.execute('netdev_add', netdev);
    await qmp.execute('device_add', device);
  }
}

/**
 * Starts the programs beside QEMU that serve folders, before it does. They end with it.
 * @throws KilnError `tool-missing`, `tool-failed`
 */
export async function startFolderPrograms({ virtiofs }: FolderDevices, signal: AbortSignal): Promise<void> {
  if (virtiofs.length === 0) return;
  const program = virtiofsProgram();
  for (const { socket, hostPath, readOnly } of virtiofs) {
    const child = spawn(program.path, program.arguments({ socket, hostPath, readOnly }), {
      stdio: 'ignore',
      detached: true,
    });
    child.unref();
    let ended: string | undefined;
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('exit', (code) => {
      ended = `it ended with ${code}`;
    });
    while (!(await exists(socket))) {
      if (ended !== undefined) {
        throw new KilnError('tool-failed', `virtiofsd does not serve ${hostPath}: ${ended}`, {
          hint: 'use another type of folder: auto mounts it without help',
        });
      }
      await sleep(5, signal);
    }
  }
}

/** The folders whose devices a machine has. */
export async function pluggedFolders(files: MachineFiles): Promise<readonly SyncedFolder[]> {
  return ((await readJsonIfExists(join(files.folder, noteName))) ?? []) as readonly SyncedFolder[];
}
