import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrFail } from '../../base/processes.ts';
import { deriveGuid } from './derive-guid.ts';
import type { Release } from './release.ts';
import { withSbin } from './with-sbin.ts';

/** The EFI system partition: a FAT filesystem with a boot loader where firmware looks for one. Size in bytes. */
export async function efiPartition(
  loader: string,
  size: number,
  release: Release,
  { scratch, signal }: { readonly scratch: string; readonly signal: AbortSignal },
): Promise<Buffer> {
  const image = join(scratch, 'efi.img');
  await writeFile(image, '');
  await truncate(image, size);
  const serial = deriveGuid(release, 'efi').slice(0, 8);
  const options = { signal, env: withSbin() };
  await runOrFail('mkfs.vfat', ['-F', '16', '-n', 'EFI', '-i', serial, '--invariant', image], options);
  await runOrFail('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT'], options);
  await runOrFail('mcopy', ['-i', image, loader, '::/EFI/BOOT/BOOTX64.EFI'], options);
  return readFile(image);
}
