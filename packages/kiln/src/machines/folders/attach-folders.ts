import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { SyncedFolder } from '../../plan/synced-folder.ts';
import { rootCommand } from '../as-root.ts';
import { type MachineRecord, machineFiles } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { compareListings } from './compare-listings.ts';
import { copyChanges } from './copy-changes.ts';
import { copyOptions } from './copy-options.ts';
import { excludePatterns } from './exclude-patterns.ts';
import { folderDevices } from './folder-devices.ts';
import { folderScript, unmountScript } from './folder-script.ts';
import { listHostFolder } from './host-listing.ts';
import { type ServedFolder, serveFolders } from './nfs/folder-server.ts';
import { type Survey, type SurveyedFolder, SurveyReader } from './read-survey.ts';
import { hostHasRsync, installRsync, rsyncFolder } from './rsync-program.ts';

export interface AttachRequest {
  readonly record: MachineRecord;
  readonly spec: Pick<MachineSpec, 'folders'>;
  readonly guest: Guest;
  /** Only those that are copied, as when a person asks for it. */
  readonly onlyCopies?: boolean;
}

/** How a folder got into the machine. */
export interface AttachedFolder {
  readonly folder: SyncedFolder;
  readonly how: 'nfs' | '9p' | 'virtiofs' | 'copied';
  /** Absolute path in the machine. */
  readonly path: string;
  /** Ids that copied files have; undefined: as on the host. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** How many things were sent; undefined where rsync did it. */
  readonly sent?: number;
}

/**
 * Makes the folders of a machine be there: mounts those that it can see, and copies the others. One command in the
 * machine looks at all and mounts; each that is copied takes one more for what has changed. Repeating it changes nothing.
 * @throws KilnError `file-missing` for a folder that is not on the host, `step-failed`, `tool-failed`,
 *   `guest-disconnected`, `cancelled`
 */
export async function attachFolders(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  request: AttachRequest,
): Promise<readonly AttachedFolder[]> {
  const { record, spec, guest, onlyCopies } = request;
  if (spec.folders.length === 0) return [];
  const ways = await waysOf(services, record, spec.folders);
  const survey = await surveyFolders(services, record, guest, spec.folders, ways);
  const attached: AttachedFolder[] = [];
  for (const [index, folder] of spec.folders.entries()) {
    const failure = survey.failures.get(index);
    const there = survey.folders.get(index);
    if (failure !== undefined || !there) {
      throw new KilnError(
        'step-failed',
        `${record.name}: the synced folder ${folder.guestPath}: ${failure ?? 'the machine said nothing of it'}`,
      );
    }
    if (there.isMounted) {
      attached.push({ folder, how: ways[index]!.kind as 'nfs' | '9p' | 'virtiofs', path: there.path });
      continue;
    }
    if (!onlyCopies) explain(services, record, folder, there);
    attached.push(await copyFolder(services, record, guest, folder, there, survey));
  }
  return attached;
}

/**
 * Takes mounted folders away, which a machine that is saved must not have.
 * @throws KilnError `locked` when something in the machine works in one; the others are mounted again by `attachFolders`
 */
export async function detachFolders(
  services: Pick<MachineServices, 'signal'>,
  { record, guest }: Pick<AttachRequest, 'record' | 'guest'>,
): Promise<void> {
  const busy: string[] = [];
  await guest.exec({
    command: rootCommand(unmountScript),
    signal: services.signal,
    onLine: (line) => {
      if (line.startsWith('busy ')) busy.push(line.slice('busy '.length));
    },
  });
  if (busy.length === 0) return;
  throw new KilnError(
    'locked',
    `${record.name} cannot be saved while something works in ${busy.join(', ')}`,
    {
      hint: 'leave that folder, and end what was started there, in the machine; or halt the machine instead',
    },
  );
}

/** How a folder is to get into the machine: a source and options of mount(8), or a copy. */
type Way =
  | { readonly kind: 'nfs' | '9p' | 'virtiofs'; readonly source: string; readonly options: readonly string[] }
  | { readonly kind: 'copy' };

/** Where a machine finds the host in QEMU's network. */
const hostForMachines = '10.0.2.2';

async function waysOf(
  services: Pick<MachineServices, 'home' | 'signal'>,
  record: MachineRecord,
  folders: MachineSpec['folders'],
): Promise<readonly Way[]> {
  const scratch = machineFiles(services.home, record.id).folder;
  const devices = folderDevices(folders, { scratch });
  const served = await serveMounted(scratch, folders, services.signal);
  return folders.map(({ id, hostPath }): Way => {
    const nineP = devices.nineP.find(({ folder }) => folder === id);
    if (nineP) return { kind: '9p', source: nineP.tag, options: nineOptions };
    const virtiofs = devices.virtiofs.find(({ folder }) => folder === id);
    if (virtiofs) return { kind: 'virtiofs', source: virtiofs.tag, options: [] };
    const nfs = served.get(hostPath);
    if (!nfs) return { kind: 'copy' };
    const { port, path } = nfs;
    return {
      kind: 'nfs',
      source: `${hostForMachines}:${path}`,
      options: [...nfsOptions, `port=${port}`, `mountport=${port}`, `addr=${hostForMachines}`],
    };
  });
}

const nineOptions = ['trans=virtio', 'version=9p2000.L', 'msize=262144', 'cache=mmap', 'access=any'];

/**
 * nfs(5). What the host changes is seen after a second at the latest; locks are among the machine's own programs; a server
 * that is gone is an error after a while, and keeps no program waiting for good.
 */
const nfsOptions = [
  ...['vers=3', 'proto=tcp', 'mountproto=tcp', 'nolock', 'soft', 'timeo=150', 'retrans=3', 'actimeo=1'],
];

/**
 * Starts the server of folders that are mounted by NFS, so that a machine that boots finds it. Nothing happens when there
 * are none.
 */
export async function serveMounted(
  scratch: string,
  folders: MachineSpec['folders'],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ServedFolder>> {
  const exports = folders
    .filter(({ type }) => type === 'auto' || type === 'nfs' || type === 'sshfs')
    .map(({ hostPath, readOnly }) => ({ path: hostPath, readOnly }));
  return exports.length === 0 ? new Map() : serveFolders(scratch, exports, signal);
}

async function surveyFolders(
  services: Pick<MachineServices, 'signal'>,
  record: MachineRecord,
  guest: Guest,
  folders: MachineSpec['folders'],
  ways: readonly Way[],
): Promise<Survey> {
  const words = folders.flatMap((folder, index) => {
    const way = ways[index]!;
    return [
      String(index),
      folder.guestPath,
      folder.owner ?? '',
      folder.group ?? '',
      way.kind === 'copy' ? 'copy' : `${way.kind} ${way.source}`,
      [
        folder.readOnly ? 'ro' : 'rw',
        ...(way.kind === 'copy' ? [] : way.options),
        ...folder.mountOptions,
      ].join(','),
    ];
  });
  const reader = new SurveyReader();
  const exit = await guest.exec({
    command: rootCommand(folderScript, record.user, ...words),
    onLine: reader.line,
    signal: services.signal,
  });
  if (exit.kind !== 'exited' || exit.code !== 0) {
    throw new KilnError(
      exit.kind === 'disconnected' ? 'guest-disconnected' : 'step-failed',
      `the synced folders of ${record.name} could not be set up: ${reader.words.slice(-3).join('; ') || exit.kind}`,
      { hint: 'Kiln needs a login that is root, or may become it by sudo without a password' },
    );
  }
  return reader.survey();
}

/** Says why a folder is copied that was to be more than a copy. */
function explain(
  services: Pick<MachineServices, 'emit'>,
  record: MachineRecord,
  folder: SyncedFolder,
  { whyNot }: SurveyedFolder,
): void {
  if (folder.type === 'rsync') return;
  const why = whyNot ?? 'it could not be';
  tell(
    services,
    record.name,
    `${folder.guestPath} is a copy of ${folder.hostPath}, and not mounted: ${why}. \`kiln rsync-auto\` keeps it up to date`,
  );
}

async function copyFolder(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
  guest: Guest,
  folder: SyncedFolder,
  there: SurveyedFolder,
  survey: Survey,
): Promise<AttachedFolder> {
  const { home, signal } = services;
  const options = copyOptions(folder.rsync);
  const owner = folder.rsync.chown ? { uid: there.uid, gid: there.gid } : undefined;
  const attached = { folder, how: 'copied', path: there.path, ...(owner && { owner }) } as const;
  if (!options.isExact || folder.rsync.path !== undefined) {
    const canRsync = hostHasRsync() && (survey.hasRsync || (await installRsync(guest, signal)));
    if (canRsync) {
      await rsyncFolder({ home, record, folder, path: there.path, guest, signal, ...(owner && { owner }) });
      return attached;
    }
    const where = hostHasRsync() ? 'the machine' : 'this host';
    tell(
      services,
      record.name,
      `${where} has no rsync: ${folder.guestPath} is copied without its special rsync options`,
    );
  }
  const excluded = excludePatterns(options.exclude);
  const listing = await listHostFolder(folder.hostPath, { excluded, followLinks: options.followLinks });
  const changes = compareListings(listing, there.listing, {
    excluded,
    delete: options.delete,
    ...(owner && { owner }),
  });
  const target = { guest, path: there.path, signal, ...(owner && { owner }) };
  return { ...attached, sent: await copyChanges(target, folder.hostPath, listing, changes) };
}
