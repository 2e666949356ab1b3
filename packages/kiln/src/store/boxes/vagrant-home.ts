import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { readTextIfExists, translateFull, writeFileAtomically } from '../../base/files.ts';
import { withLock } from '../../base/locks.ts';

/** The folder that Kiln shares with Vagrant: `$VAGRANT_HOME`, else `~/.vagrant.d`. */
export interface VagrantHome {
  readonly folder: string;
  /** `<name>/<version>/[<architecture>/]<provider>/`, with `/` in a name written `-VAGRANTSLASH-`. */
  readonly boxes: string;
  /** What is on its way. Vagrant clears nothing here and lists nothing of it. */
  readonly temporary: string;
  readonly data: string;
  readonly machineIndex: string;
}

export function vagrantHome(env: NodeJS.ProcessEnv): VagrantHome {
  const folder = resolve(env['VAGRANT_HOME'] || join(env['HOME'] || homedir(), '.vagrant.d'));
  const data = join(folder, 'data');
  return {
    folder,
    boxes: join(folder, 'boxes'),
    temporary: join(folder, 'tmp'),
    data,
    machineIndex: join(data, 'machine-index', 'index'),
  };
}

/** The layout that is written here; Vagrant refuses a folder of a later one and rewrites those of an earlier one. */
const setupVersion = '1.5';

/**
 * Makes the folder where it is not there yet, such that Vagrant takes it for its own.
 * @throws KilnError `file-missing` when it cannot be made, `unsupported` for the layout of an old Vagrant
 */
export async function makeVagrantHome(home: VagrantHome): Promise<void> {
  try {
    for (const folder of [home.boxes, home.temporary, home.data]) await mkdir(folder, { recursive: true });
    const versionFile = join(home.folder, 'setup_version');
    const version = await readTextIfExists(versionFile);
    if (version === undefined) await writeFileAtomically(versionFile, setupVersion);
    else if (version.trim() !== setupVersion) {
      throw new KilnError(
        'unsupported',
        `${home.folder} has the layout ${version.trim()} of another Vagrant`,
        {
          hint: 'let a current Vagrant upgrade it first, such as with `vagrant box list`',
        },
      );
    }
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'))
      throw translateFull(error, home.folder);
    throw new KilnError('file-missing', `boxes cannot be kept in ${home.folder}: ${messageOf(error)}`, {
      hint: 'set VAGRANT_HOME to a folder that you may write to',
      cause: error,
    });
  }
}

/** Changes of the boxes happen under this lock, one Kiln at a time, and are quick: unpacking is done before. */
export async function withBoxLock<T>(home: VagrantHome, work: () => Promise<T>): Promise<T> {
  await makeVagrantHome(home);
  const lock = join(home.data, 'lock.kiln-boxes.lock');
  return withLock(lock, { what: `the boxes in ${home.boxes}`, wait: 120_000 }, work);
}
