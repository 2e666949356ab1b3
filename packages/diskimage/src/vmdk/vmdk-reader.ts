import type { DiskReader } from '../disk-reader.ts';
import { mappedDisk } from '../mapped-disk.ts';
import { DiskImageError, text } from '../read.ts';
import { readBytes } from '../read-bytes.ts';
import { readGrainMap } from './grain-map.ts';
import { readVmdkHeader, type VmdkHeader } from './header.ts';

/**
 * Reads the disk in a VMDK file that holds all of it, monolithicSparse or streamOptimized. Closing it closes `file`.
 * @throws DiskImageError when the file is damaged, or its disk is in other files, or stands on another
 */
export async function openVmdk(file: DiskReader): Promise<DiskReader> {
  const header = await readVmdkHeader(file);
  await checkDescriptor(file, header);
  return mappedDisk(await readGrainMap(file, header), file);
}

const largestDescriptor = 1 << 20;
const wholeInOneFile = ['monolithicsparse', 'streamoptimized'];

async function checkDescriptor(
  file: DiskReader,
  { descriptorPlace, descriptorSize }: VmdkHeader,
): Promise<void> {
  if (descriptorPlace === 0 || descriptorSize === 0) return;
  if (descriptorSize > largestDescriptor) throw new DiskImageError('the VMDK descriptor is too large');
  const descriptor = text(await readBytes(file, descriptorPlace, descriptorSize)).split('\0', 1)[0]!;
  const value = (key: string) =>
    new RegExp(`^\\s*${key}\\s*=\\s*"?([^"\\r\\n]*)`, 'im').exec(descriptor)?.[1]?.trim();
  const parent = value('parentCID')?.toLowerCase();
  if ((parent !== undefined && parent !== 'ffffffff') || value('parentFileNameHint'))
    throw new DiskImageError('the VMDK file stands on another one, which is not supported');
  const kind = value('createType');
  if (kind !== undefined && !wholeInOneFile.includes(kind.toLowerCase()))
    throw new DiskImageError(
      `VMDK files of the kind ${kind} are not read here, only those that hold a whole disk`,
    );
}
