import { KilnError } from '../base/errors.ts';
import type { Qmp } from '../hosts/qemu/qmp.ts';

interface BlockDevice {
  readonly qdev?: string;
  readonly inserted?: { readonly 'node-name'?: string };
}

/**
 * QEMU's names of what disks write to now: a disk may have got a new layer while the machine ran.
 * @param disks as they are called when the machine starts
 * @throws KilnError `qemu-failed`
 */
export async function topNodes(qmp: Qmp, disks: readonly string[]): Promise<readonly string[]> {
  const known = await qmp.expect<readonly BlockDevice[]>('query-block');
  return disks.map((disk) => {
    const pattern = new RegExp(`(?:^|/)${disk}-device(?:/|$)`);
    const node = known.find(({ qdev }) => qdev !== undefined && pattern.test(qdev))?.inserted?.['node-name'];
    if (node === undefined) throw new KilnError('qemu-failed', `QEMU does not know the disk "${disk}"`);
    return node;
  });
}
