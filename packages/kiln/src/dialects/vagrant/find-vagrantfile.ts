import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The files and folders that an evaluation starts from. All paths are absolute. */
export interface VagrantfilePlace {
  /** The project's Vagrantfile. */
  readonly file: string;
  /** Its folder. */
  readonly folder: string;
  /** `VAGRANT_DOTFILE_PATH`, `.vagrant` in the project's folder otherwise. */
  readonly dotfiles: string;
  /** `VAGRANT_HOME`, `~/.vagrant.d` otherwise. */
  readonly vagrantHome: string;
  /** The Vagrantfile in there, when there is one and it is not the project's. */
  readonly homeFile: string | undefined;
}

/**
 * Finds the Vagrantfile for a folder as Vagrant does: `VAGRANT_CWD` or the folder itself, then its parents; the name is
 * `VAGRANT_VAGRANTFILE`, or `Vagrantfile`, or `vagrantfile`. Undefined when there is none.
 * @throws KilnError `not-found` when `VAGRANT_CWD` is no folder
 */
export function findVagrantfile(folder: string, env: Environment): VagrantfilePlace | undefined {
  const start = env['VAGRANT_CWD'] ? resolve(folder, env['VAGRANT_CWD']) : resolve(folder);
  if (env['VAGRANT_CWD'] && !isKind(start, 'folder')) {
    throw new KilnError('not-found', `VAGRANT_CWD is ${env['VAGRANT_CWD']}, which is no folder`, {
      hint: 'set it to the folder of the Vagrantfile, or unset it',
    });
  }
  const file = searchUpwards(start, namesOf(env));
  if (file === undefined) return undefined;
  const vagrantHome = vagrantHomeOf(env);
  const homeFile = namesOf(env)
    .map((name) => join(vagrantHome, name))
    .find((path) => isKind(path, 'file'));
  const root = dirname(file);
  return {
    file,
    folder: root,
    dotfiles: resolve(root, env['VAGRANT_DOTFILE_PATH'] || '.vagrant'),
    vagrantHome,
    homeFile: homeFile === file ? undefined : homeFile,
  };
}

export function vagrantHomeOf(env: Environment): string {
  const home = env['HOME'] || homedir();
  const given = env['VAGRANT_HOME'];
  return given ? resolve(given.replace(/^~(?=\/|$)/, home)) : join(home, '.vagrant.d');
}

function namesOf(env: Environment): readonly string[] {
  return env['VAGRANT_VAGRANTFILE'] ? [env['VAGRANT_VAGRANTFILE']] : ['Vagrantfile', 'vagrantfile'];
}

function searchUpwards(start: string, names: readonly string[]): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((path) => isKind(path, 'file'));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

function isKind(path: string, kind: 'file' | 'folder'): boolean {
  if (!existsSync(path)) return false;
  const stat = statSync(path);
  return kind === 'file' ? stat.isFile() : stat.isDirectory();
}
