import type { DiskReader } from '../disk-reader.ts';
import { DiskImageError, hasMagic, safeNumber, text } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';

/** Microsoft's Virtual Hard Disk Image Format Specification 1.0. Numbers are big-endian. */
export const footerSize = 512;
export const vhdTypes = { fixed: 2, dynamic: 3, differencing: 4 } as const;

export interface VhdFooter {
  readonly type: number;
  /** Size of the disk in bytes. */
  readonly size: number;
  /** Where the header of a dynamic disk is. */
  readonly headerPlace: number;
}

/**
 * The footer at the end of the file, or, when that is damaged, its copy at the start of a dynamic disk's file.
 * @throws DiskImageError when neither is whole
 */
export async function readFooter(file: DiskReader): Promise<VhdFooter> {
  if (file.size < footerSize) throw new DiskImageError('the file is too short for a VHD footer');
  for (const place of [file.size - footerSize, 0]) {
    const bytes = await readBytes(file, place, footerSize);
    if (hasMagic(bytes, 'conectix') && viewOf(bytes).getUint32(64) === checksum(bytes, 64))
      return parseFooter(bytes);
  }
  throw new DiskImageError('the VHD footer is damaged: its checksum is wrong, and there is no whole copy');
}

function parseFooter(bytes: Uint8Array): VhdFooter {
  const view = viewOf(bytes);
  const type = view.getUint32(60);
  return {
    type,
    size: diskSize(bytes),
    headerPlace:
      type === vhdTypes.fixed ? 0 : safeNumber(view.getBigUint64(16), 'the place of the VHD header'),
  };
}

/** Programs that mean the size they write. Others mean the geometry, which is at most a cylinder smaller. */
const exactCreators = ['win ', 'qem2', 'd2v ', 'tap\0', 'CTXS', 'wa\0\0'];
/** What the geometry of a disk is that is larger than a geometry can tell. */
const largestGeometry = 65535 * 16 * 255;

/** The size that QEMU gives the disk: Virtual PC's geometry counts unless the creator is known to ignore it. */
function diskSize(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const current = safeNumber(view.getBigUint64(48), 'the size of the disk');
  const sectors = view.getUint16(56) * view.getUint8(58) * view.getUint8(59);
  if (exactCreators.includes(text(bytes.subarray(28, 32))) || sectors >= largestGeometry) return current;
  return sectors * 512;
}

/** Ones' complement of the sum of all bytes but the four of the checksum itself, which are at `place`. */
export function checksum(bytes: Uint8Array, place: number): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index++)
    if (index < place || index >= place + 4) sum += bytes[index]!;
  return ~sum >>> 0;
}
