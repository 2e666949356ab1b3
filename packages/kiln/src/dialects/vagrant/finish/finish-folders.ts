import { isAbsolute } from 'node:path/posix';
import type { RawVm } from '../ruby/raw-result.ts';
import { knownPlugins } from '../settings/plugin-settings.ts';
import type { VagrantFolder } from '../vagrant-config.ts';
import { isTruthy, textOr, textsOf } from './coerce.ts';
import { hostPath, type MachineContext } from './machine-context.ts';

type RawFolder = RawVm['folders'][number];

const folderTypes = new Set([
  ...['virtualbox', 'docker', 'nfs', 'rsync', 'smb', 'virtiofs', '9p', 'parallels', 'vmware', 'utm'],
  ...knownPlugins.flatMap((plugin) => plugin.folderTypes ?? []),
]);

/** The machine's synced folders, with the project itself at `/vagrant` unless the file says otherwise. */
export function finishFolders(raw: readonly RawFolder[], context: MachineContext): VagrantFolder[] {
  const isShared = raw.some(({ id, options }) => options['hostpath'] === '.' || id === '/vagrant');
  const project: RawFolder = {
    id: '/vagrant',
    options: { guestpath: '/vagrant', hostpath: '.', disabled: false },
    place: null,
  };
  const folders = isShared ? raw : [...raw, project];
  const used = new Set<string>();
  return folders.map((folder) => {
    const finished = finishFolder(folder, context);
    if (!finished.disabled) check(finished, folder, used, context);
    return finished;
  });
}

function finishFolder({ id, options, place }: RawFolder, { problems }: MachineContext): VagrantFolder {
  return {
    id: id ?? '',
    at: problems.at(place),
    hostPath: textOr(options['hostpath']) ?? '',
    guestPath: textOr(options['guestpath']),
    type: textOr(options['type']),
    disabled: isTruthy(options['disabled']),
    create: isTruthy(options['create']),
    owner: textOr(options['owner']),
    group: textOr(options['group']),
    mountOptions: isTruthy(options['mount_options']) ? textsOf(options['mount_options']) : [],
    options,
  };
}

function check(
  folder: VagrantFolder,
  { options, place }: RawFolder,
  used: Set<string>,
  context: MachineContext,
): void {
  const { problems } = context;
  const { guestPath, hostPath: path, type, id } = folder;
  if (!guestPath && id === '') {
    problems.error(place, `the synced folder ${path} needs a path in the machine or a name`);
  } else if (guestPath) {
    if (!isAbsolute(guestPath) && !/^\w+:/.test(guestPath)) {
      problems.error(place, `a synced folder's path in the machine must be absolute, not ${guestPath}`);
    } else if (used.has(guestPath)) {
      problems.error(place, `two synced folders have the path ${guestPath} in the machine`);
    }
    used.add(guestPath);
  }
  if (!folder.create && context.typeOf(hostPath(context, path)) !== 'folder') {
    problems.error(
      place,
      `the synced folder ${path} does not exist on the host`,
      'make it, or add `create: true`',
    );
  }
  if (
    type === 'nfs' &&
    !isTruthy(options['nfs__quiet']) &&
    (folder.owner !== undefined || folder.group !== undefined)
  ) {
    problems.error(
      place,
      `the synced folder ${path}: NFS knows no owner and group`,
      'leave them out, or use rsync',
    );
  }
  if (isTruthy(options['mount_options']) && !Array.isArray(options['mount_options'])) {
    problems.error(place, `the synced folder ${path}: \`mount_options\` must be a list`);
  }
  if (type !== undefined && !folderTypes.has(type)) {
    problems.error(
      place,
      `there are no synced folders of type ${type}`,
      `known: ${[...folderTypes].join(', ')}`,
    );
  }
}
