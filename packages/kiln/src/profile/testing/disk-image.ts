import { closeSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import {
  composeDisk,
  fatDisk,
  fileTarget,
  gptParts,
  gptTypes,
  openRaw,
  writeExt4,
  writeQcow2,
  writeRaw,
} from '@kiln/diskimage';
import { type DebianTree, debianNodes, entriesOf, type TreeNode } from './debian-tree.ts';

const mebibyte = 1 << 20;
const uuid = '0f0e0d0c-0b0a-4908-8706-050403020100';

/** Writes an ext4 filesystem with a small system of Debian in it; it fills the file. */
export function writeFilesystem(path: string, tree: DebianTree): void {
  const entries = entriesOf(debianNodes(tree));
  writeFileSync(path, '');
  truncateSync(path, 16 * mebibyte);
  const file = openSync(path, 'r+');
  try {
    writeExt4(fileTarget(file), entries, {
      size: 16 * mebibyte,
      uuid,
      hashSeed: uuid,
      label: 'root',
      time: 1_700_000_000,
    });
  } finally {
    closeSync(file);
  }
}

/** Writes a disk with a GPT, an EFI partition with one file in it, and a partition with the system. */
export async function writeDisk(
  path: string,
  tree: DebianTree,
  format: 'raw' | 'qcow2' = 'raw',
): Promise<void> {
  const root = `${path}.root`;
  writeFilesystem(root, tree);
  const sectors = (bytes: number) => bytes / 512;
  const [efiStart, rootStart, size] = [mebibyte, 17 * mebibyte, 34 * mebibyte];
  const partition = (name: string, typeGuid: string, start: number, end: number, digit: string) => ({
    name,
    typeGuid,
    uniqueGuid: uuid.replace(/^./, digit),
    firstLba: sectors(start),
    lastLba: sectors(end) - 1,
  });
  const layout = {
    diskSize: size,
    diskGuid: uuid,
    partitions: [
      partition('efi', gptTypes.efiSystem, efiStart, rootStart, '1'),
      partition('root', gptTypes.linuxRootX64, rootStart, rootStart + 16 * mebibyte, '2'),
    ],
  };
  const efi = entriesOf(new Map<string, TreeNode>([['/EFI/BOOT/BOOTX64.EFI', 'boots\n']]));
  const disk = composeDisk(size, [
    ...gptParts(layout),
    {
      position: efiStart,
      content: fatDisk(efi, { size: 16 * mebibyte, volumeId: 0x1234abcd, label: 'EFI' }),
    },
    { position: rootStart, content: await openRaw(root) },
  ]);
  try {
    if (format === 'raw') await writeRaw(disk, path);
    else await writeQcow2(disk, path);
  } finally {
    await disk.close();
    rmSync(root);
  }
}
