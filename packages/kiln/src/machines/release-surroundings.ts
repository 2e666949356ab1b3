import { endFolderServer } from './folders/nfs/folder-server.ts';
import { machineFiles } from './machine-record.ts';
import { releaseNetworks } from './networks/release-networks.ts';

/**
 * Takes away what a machine that is off was plugged into.
 * @param options.forget it is gone for good
 */
export async function releaseSurroundings(
  home: string,
  id: string,
  options: { readonly forget: boolean },
): Promise<void> {
  await endFolderServer(machineFiles(home, id).folder);
  await releaseNetworks(home, id, options);
}
