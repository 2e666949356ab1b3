import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../../../base/errors.ts';

/** `.vagrant/machines/<name>/<provider>/` of a project. */
export interface MachineFolder {
  readonly name: string;
  readonly provider: string;
  readonly path: string;
  /** Whose machine it is, by what `id` says; undefined where there is none. */
  readonly owner: { readonly kind: 'kiln' | 'vagrant'; readonly id: string } | undefined;
}

/** Kiln's machines are under this name: see `id` in docs/from-vagrant.md. */
export const kilnProvider = 'qemu';

/**
 * `id` of a machine of Kiln is a link that leads nowhere, `kiln:<id>`. The real Vagrant takes a folder for a machine when
 * `id` is a file, and then fails in the whole project when it has not the provider; of this one it sees nothing.
 */
const mark = 'kiln:';

export function linkTarget(machineId: string): string {
  return `${mark}${machineId}`;
}

export function machineFolders(dotfiles: string): readonly MachineFolder[] {
  const machines = join(dotfiles, 'machines');
  return namesIn(machines).flatMap((name) =>
    namesIn(join(machines, name)).map((provider) => {
      const path = join(machines, name, provider);
      return { name, provider, path, owner: ownerOf(join(path, 'id')) };
    }),
  );
}

function ownerOf(file: string): MachineFolder['owner'] {
  try {
    if (lstatSync(file).isSymbolicLink()) {
      const target = readlinkSync(file);
      if (target.startsWith(mark)) return { kind: 'kiln', id: target.slice(mark.length) };
    }
    return { kind: 'vagrant', id: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
    throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
