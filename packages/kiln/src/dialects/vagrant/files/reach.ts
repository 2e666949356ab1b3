import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What of the host's files an evaluation may read. All paths are real paths: links in them are resolved. */
export interface Reach {
  /** Everything below them may be read, and changed in memory. */
  readonly project: readonly string[];
  /** Everything below them may be read. */
  readonly folders: readonly string[];
  /** Only the files right in them may be read. */
  readonly flat: readonly string[];
  /** The Vagrantfile itself, which may be a link that leads out of the project. */
  readonly vagrantfile: string | undefined;
  /** Only public keys in it may be read. */
  readonly keys: string | undefined;
  /** The user's home, when it is in the project: its hidden files and folders are not. */
  readonly home: string | undefined;
  /** The project is trusted: whatever its user can read and write. */
  readonly everything: boolean;
}

export interface ReachRequest {
  /** The folder with the Vagrantfile. */
  readonly root: string;
  /** The Vagrantfile. */
  readonly file?: string;
  /** `VAGRANT_HOME`. */
  readonly vagrantHome: string;
  /** `VAGRANT_DOTFILE_PATH`, resolved. */
  readonly dotfiles: string;
  /** The user's home, if there is one. */
  readonly home: string | undefined;
  readonly trusted: boolean;
}

/** Facts about the host that every process can read. */
const hostFacts = new Set([
  '/proc/cpuinfo',
  '/proc/meminfo',
  '/proc/version',
  '/proc/sys/kernel/osrelease',
  '/proc/sys/kernel/ostype',
  '/etc/os-release',
  '/usr/lib/os-release',
  '/etc/debian_version',
  '/etc/timezone',
]);

/**
 * Works out what may be read: the project, Vagrant's own folder as far as it holds configuration and boxes, public SSH
 * keys. A project is the whole work tree of Git around the Vagrantfile: files beside and above are often shared there.
 */
export function reachOf(request: ReachRequest): Reach {
  const { vagrantHome, home } = request;
  const existing = (paths: readonly string[]) => paths.filter(existsSync).map(real);
  const project = [...new Set(existing([workTree(request.root, home), request.root, request.dotfiles]))];
  const realHome = home === undefined ? undefined : existing([home])[0];
  return {
    project,
    home: realHome !== undefined && isBelow(realHome, project) ? realHome : undefined,
    folders: existing([join(vagrantHome, 'boxes'), join(vagrantHome, 'insecure_private_keys')]),
    flat: existing([vagrantHome]),
    vagrantfile: request.file === undefined ? undefined : existing([request.file])[0],
    keys: home === undefined ? undefined : existing([join(home, '.ssh')])[0],
    everything: request.trusted,
  };
}

export function mayRead(reach: Reach, realPath: string): boolean {
  return (
    reach.everything ||
    isInProject(realPath, reach) ||
    isBelow(realPath, reach.folders) ||
    reach.flat.includes(dirname(realPath)) ||
    hostFacts.has(realPath) ||
    realPath === reach.vagrantfile ||
    (dirname(realPath) === reach.keys && basename(realPath).endsWith('.pub'))
  );
}

export function mayList(reach: Reach, realPath: string): boolean {
  return (
    reach.everything ||
    isInProject(realPath, reach) ||
    isBelow(realPath, reach.folders) ||
    reach.flat.includes(realPath)
  );
}

/** Changes stay in memory unless the project is trusted. */
export function mayChange(reach: Reach, realPath: string): boolean {
  return reach.everything || isInProject(realPath, reach) || isBelow(realPath, ['/tmp']);
}

/** A Vagrantfile in the home folder is no reason to read the keys and tokens that stand there. */
function isInProject(realPath: string, { project, home }: Reach): boolean {
  const isHidden = home !== undefined && realPath.startsWith(`${home}/.`);
  if (isHidden && !isBelow(realPath, [`${home}/.vagrant`])) return false;
  return isBelow(realPath, project);
}

/** The nearest folder upwards with a `.git`, unless the user's home is in it: then it is no project. */
function workTree(root: string, home: string | undefined): string {
  for (let folder = root; ; folder = dirname(folder)) {
    if (folder === dirname(folder) || (home !== undefined && isBelow(home, [folder]))) return root;
    if (existsSync(join(folder, '.git'))) return folder;
  }
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some(
    (folder) => path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`),
  );
}

function real(path: string): string {
  return realpathSync.native(path);
}
