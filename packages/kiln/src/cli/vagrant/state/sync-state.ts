import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readlink, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError } from '../../../base/errors.ts';
import { writeFileAtomically } from '../../../base/files.ts';
import type { VagrantfilePlace } from '../../../dialects/vagrant/find-vagrantfile.ts';
import { livingRecords } from '../../../machines/find-machine.ts';
import { type MachineRecord, machineFiles, machineState } from '../../../machines/machine-record.ts';
import type { MachineSpec } from '../../../plan/machine-spec.ts';
import { vagrantHome } from '../../../store/boxes/vagrant-home.ts';
import { kilnProvider, linkTarget, type MachineFolder, machineFolders } from './machine-folders.ts';
import { changeIndex, type IndexEntry, type MachineIndex, readIndex } from './machine-index.ts';
import { stateWords } from './state-names.ts';

export interface SyncInput {
  readonly place: Pick<VagrantfilePlace, 'folder' | 'dotfiles'>;
  /** `$KILN_HOME`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Machines of the file, where it was read: their boxes and folders are written down. */
  readonly specs?: readonly MachineSpec[];
}

/**
 * Brings `.vagrant` of a project and Vagrant's index of machines to what Kiln's machines of that project are. Whatever
 * other machines have written there stays.
 */
export async function syncVagrantState({ place, home, env, specs = [] }: SyncInput): Promise<void> {
  const records = (await livingRecords(home)).filter(({ project }) => project === place.folder);
  const folders = machineFolders(place.dotfiles).filter(({ owner }) => owner?.kind === 'kiln');
  const gone = folders.filter(({ owner }) => records.every(({ id }) => id !== owner!.id));
  const entries: Record<string, IndexEntry> = {};
  const removed: string[] = [];
  for (const folder of gone) {
    const uuid = await textOf(join(folder.path, 'index_uuid'));
    if (uuid !== undefined) removed.push(uuid);
    await removeFolder(folder);
  }
  for (const record of records) {
    const spec = specs.find(({ name }) => name === record.name);
    const path = join(place.dotfiles, 'machines', record.name, kilnProvider);
    const uuid = await writeFolder(path, record, place.folder, home, spec);
    const state = stateWords(await machineState(home, record.id)).short;
    entries[uuid] = indexEntry(record, state, place, await boxOf(path));
  }
  await updateIndex(vagrantHome(env).machineIndex, entries, removed);
}

async function writeFolder(
  path: string,
  record: MachineRecord,
  project: string,
  home: string,
  spec: MachineSpec | undefined,
): Promise<string> {
  await mkdir(path, { recursive: true });
  await keepLink(join(path, 'id'), linkTarget(record.id));
  const known = await textOf(join(path, 'index_uuid'));
  const uuid = known ?? randomUUID().replaceAll('-', '');
  await keepText(join(path, 'index_uuid'), uuid);
  await keepText(join(path, 'creator_uid'), String(process.getuid?.() ?? 0));
  await keepText(join(path, 'vagrant_cwd'), project);
  const key = machineFiles(home, record.id).key;
  try {
    await keepText(join(path, 'private_key'), await readFile(key, 'utf8'), 0o600);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  if (spec !== undefined) {
    await keepText(join(path, 'synced_folders'), JSON.stringify(foldersOf(spec)));
    if (spec.image.kind === 'box') await keepBox(join(path, 'box_meta'), record, spec.image.name);
  }
  return uuid;
}

/** In the form that Vagrant has: by type, then by id. */
function foldersOf({ folders }: MachineSpec): unknown {
  const types: Record<string, Record<string, unknown>> = {};
  for (const { id, type, hostPath, guestPath } of folders) {
    types[type] = {
      ...types[type],
      [id]: { guestpath: guestPath, hostpath: hostPath, disabled: false, __vagrantfile: true },
    };
  }
  return types;
}

async function keepBox(file: string, record: MachineRecord, name: string): Promise<void> {
  const { box } = record.image as { box?: { version?: string; provider?: string; folder?: string } };
  const meta = {
    name,
    version: box?.version ?? '0',
    provider: box?.provider ?? kilnProvider,
    directory: box?.folder,
  };
  await keepText(file, JSON.stringify(meta));
}

async function boxOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(join(path, 'box_meta'));
  return text === undefined ? {} : { box: JSON.parse(text) as unknown };
}

function indexEntry(
  { name }: MachineRecord,
  state: string,
  { folder, dotfiles }: SyncInput['place'],
  extra: Readonly<Record<string, unknown>>,
): IndexEntry {
  return {
    local_data_path: dotfiles,
    name,
    provider: kilnProvider,
    state,
    vagrantfile_name: null,
    vagrantfile_path: folder,
    updated_at: null,
    extra_data: extra,
  };
}

async function updateIndex(file: string, entries: MachineIndex, removed: readonly string[]): Promise<void> {
  const isDone = (machines: MachineIndex) =>
    Object.entries(entries).every(([id, entry]) => JSON.stringify(machines[id]) === JSON.stringify(entry)) &&
    removed.every((id) => machines[id] === undefined);
  if (isDone(readIndex(file))) return;
  await changeIndex(file, (machines) => {
    if (isDone(machines)) return undefined;
    const others = Object.entries(machines).filter(([id]) => !removed.includes(id));
    return { ...Object.fromEntries(others), ...entries };
  });
}

async function removeFolder({ path }: MachineFolder): Promise<void> {
  await rm(path, { recursive: true, force: true });
  try {
    await rmdir(dirname(path));
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

async function keepLink(path: string, target: string): Promise<void> {
  try {
    if ((await readlink(path)) === target) return;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EINVAL')) throw error;
  }
  await rm(path, { force: true });
  await symlink(target, path);
}

async function keepText(path: string, text: string, mode = 0o644): Promise<void> {
  if ((await textOf(path)) === text) return;
  await writeFileAtomically(path, text, mode);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** What was provisioned, as Vagrant notes it down: `1.5:<id of the machine>`. */
export async function noteProvisioned(dotfiles: string, record: MachineRecord): Promise<void> {
  const path = join(dotfiles, 'machines', record.name, kilnProvider);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'action_provision'), `1.5:${record.id}`);
}
