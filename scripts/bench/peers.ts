import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The tools that Kiln is measured against. They are the system's own; nothing is installed here. */
export const peers = {
  packer: 'Debian package `packer` (1.6.6)',
  vagrant: 'Debian packages `vagrant` and `vagrant-libvirt`',
  mkosi: 'Debian package `mkosi` (14)',
} as const;

export type Peer = keyof typeof peers;

export function hasPeer(peer: Peer): boolean {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, peer), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
    }
  }
  return false;
}

export function missingPeers(): string[] {
  return (Object.keys(peers) as Peer[])
    .filter((peer) => !hasPeer(peer))
    .map((peer) => `${peer} is missing (${peers[peer]}): its rows are left out`);
}
