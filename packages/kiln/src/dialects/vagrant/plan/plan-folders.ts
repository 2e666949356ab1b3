import type { SyncedFolder } from '../../../plan/synced-folder.ts';
import { isTruthy, textOr, textsOf } from '../finish/coerce.ts';
import type { VagrantFolder } from '../vagrant-config.ts';
import { onHost, type Planning } from './planning.ts';

/** Folders of the host that the machine sees. */
export function planFolders(planning: Planning): readonly SyncedFolder[] {
  return planning.machine.syncedFolders.flatMap((folder): SyncedFolder[] => {
    if (folder.disabled) return [];
    if (!folder.guestPath) {
      planning.warn(
        `the synced folder ${folder.hostPath} has no path in the machine: it is not there`,
        folder.at,
      );
      return [];
    }
    return [planFolder({ ...folder, guestPath: folder.guestPath }, planning)];
  });
}

function planFolder(
  folder: VagrantFolder & { readonly guestPath: string },
  planning: Planning,
): SyncedFolder {
  const { options, mountOptions } = folder;
  const words = mountOptions.flatMap((one) => one.split(',')).map((one) => one.trim());
  const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  if (words.some((word) => /^(?:dmode|fmode|umask)=/.test(word))) {
    planning.warn(
      `the synced folder ${folder.guestPath}: files have the modes that they have on the host, without dmode and fmode`,
      folder.at,
    );
  }
  const type = typeOf(folder, planning);
  const [owner, group] = [folder.owner ?? value('uid'), folder.group ?? value('gid')];
  return {
    id: folder.id || folder.guestPath,
    hostPath: onHost(planning, folder.hostPath),
    guestPath: folder.guestPath,
    type,
    create: folder.create,
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
    mountOptions: words.filter((word) => anywhere.has(word)),
    readOnly: words.includes('ro') || isTruthy(options['readonly']),
    rsync: rsyncOptions(folder),
  };
}

/** Options of mount(8) that mean the same for every kind of folder; others belong to the kind that is not used. */
const anywhere = new Set([
  ...[
    'noatime',
    'relatime',
    'nodiratime',
    'nosuid',
    'nodev',
    'noexec',
    'exec',
    'suid',
    'dev',
    'sync',
    'async',
  ],
]);

function typeOf({ type, guestPath, at }: VagrantFolder, planning: Planning): SyncedFolder['type'] {
  if (type === 'rsync' || type === '9p' || type === 'virtiofs' || type === 'sshfs') return type;
  const allowed = planning.machine.vm.allowed_synced_folder_types?.map(String);
  if (allowed === undefined || type !== undefined) return 'auto';
  const own = allowed.find((one) => one === 'rsync' || one === '9p' || one === 'virtiofs' || one === 'sshfs');
  if (own === undefined && allowed.length === 0) {
    planning.warn(
      `the synced folder ${guestPath}: allowed_synced_folder_types is empty; Kiln chooses one`,
      at,
    );
  }
  return (own as SyncedFolder['type'] | undefined) ?? 'auto';
}

function rsyncOptions({ options }: VagrantFolder): SyncedFolder['rsync'] {
  const words = options['rsync__args'];
  const path = textOr(options['rsync__rsync_path']);
  const isOn = (name: string) => options[name] === undefined || isTruthy(options[name]);
  return {
    exclude: options['rsync__exclude'] === undefined ? [] : textsOf(options['rsync__exclude']),
    ...(words !== undefined && words !== null && { arguments: textsOf(words) }),
    auto: isOn('rsync__auto'),
    chown: isOn('rsync__chown'),
    ...(path !== undefined && { path }),
  };
}
