import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists, readJsonIfExists } from '../../base/files.ts';
import type { StoredBox } from './stored-boxes.ts';
import type { VagrantHome } from './vagrant-home.ts';

/** A machine of Vagrant's index. */
export interface BoxUser {
  readonly id: string;
  readonly name: string;
  /** Folder of its Vagrantfile. */
  readonly folder: string;
}

/**
 * Machines that Vagrant has made of a box and that still exist. Kiln's own are no part of it: they stand on the image in
 * the store, and need the box no more.
 */
export async function boxUsers(home: VagrantHome, box: StoredBox): Promise<readonly BoxUser[]> {
  const users: BoxUser[] = [];
  for (const [id, machine] of Object.entries(await readIndex(home))) {
    const used = machine.extra_data?.box;
    if (used?.name !== box.name || used.provider !== box.provider || String(used.version) !== box.version)
      continue;
    const { name = '', provider = '', local_data_path: data, vagrantfile_path: folder = '' } = machine;
    if (data && (await exists(join(data, 'machines', name, provider, 'id'))))
      users.push({ id, name, folder });
  }
  return users;
}

interface IndexEntry {
  readonly name?: string;
  readonly provider?: string;
  readonly local_data_path?: string;
  readonly vagrantfile_path?: string;
  readonly extra_data?: {
    readonly box?: { readonly name?: string; readonly provider?: string; readonly version?: string };
  };
}

async function readIndex(home: VagrantHome): Promise<Readonly<Record<string, IndexEntry>>> {
  try {
    const index = (await readJsonIfExists(home.machineIndex)) as
      | { readonly machines?: Record<string, IndexEntry> }
      | undefined;
    return index?.machines ?? {};
  } catch (error) {
    // An index that is damaged is Vagrant's to mend; no machine of it could be used either.
    if (error instanceof KilnError && error.code === 'store-corrupt') return {};
    throw error;
  }
}
