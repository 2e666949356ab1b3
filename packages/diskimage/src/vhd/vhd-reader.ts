import type { DiskReader } from '../disk-reader.ts';
import { mappedDisk } from '../mapped-disk.ts';
import { DiskImageError } from '../read.ts';
import { onlyPart } from '../sub-disk.ts';
import { readDynamicMap } from './dynamic-map.ts';
import { footerSize, readFooter, vhdTypes } from './footer.ts';

/**
 * Reads the disk in a VHD file, fixed or dynamic. Closing it closes `file`.
 * @throws DiskImageError when the file is damaged or a differencing disk
 */
export async function openVhd(file: DiskReader): Promise<DiskReader> {
  const { type, size, headerPlace } = await readFooter(file);
  if (type === vhdTypes.fixed) {
    if (size > file.size - footerSize) throw new DiskImageError('the VHD file is shorter than its disk');
    return onlyPart(file, 0, size);
  }
  if (type === vhdTypes.dynamic) return mappedDisk(await readDynamicMap(file, size, headerPlace), file);
  if (type === vhdTypes.differencing)
    throw new DiskImageError(
      'the VHD file stands on another one (a differencing disk), which is not supported',
    );
  throw new DiskImageError(`VHD disks of type ${type} are not known`);
}
