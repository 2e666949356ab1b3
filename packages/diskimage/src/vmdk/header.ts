import type { DiskReader } from '../disk-reader.ts';
import { DiskImageError, hasMagic, safeNumber } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';

/** VMware's Virtual Disk Format 5.0, hosted sparse extents. Numbers are little-endian and count sectors of 512 bytes. */
export const vmdkSector = 512;

/** Bits of the header's flags. */
export const vmdkFlags = {
  newLineTest: 1,
  redundantTable: 2,
  zeroedGrains: 4,
  compressed: 0x10000,
  markers: 0x20000,
} as const;
/** Kinds of markers between the parts of a streamOptimized file. */
export const vmdkMarkers = { endOfStream: 0, grainTable: 1, grainDirectory: 2, footer: 3 } as const;
/** The grain directory is behind everything; a second header at the file's end says where. */
export const directoryAtEnd = 0xffffffffffffffffn;

export interface VmdkHeader {
  readonly flags: number;
  /** Bytes. */
  readonly capacity: number;
  /** Bytes. */
  readonly grainSize: number;
  readonly entriesPerTable: number;
  /** Bytes from the file's start. */
  readonly directoryPlace: number;
  readonly descriptorPlace: number;
  readonly descriptorSize: number;
}

/** @throws DiskImageError when the header, or the footer that it refers to, makes no sense */
export async function readVmdkHeader(file: DiskReader): Promise<VmdkHeader> {
  const first = await readBytes(file, 0, Math.min(vmdkSector, file.size));
  if (hasMagic(first, 'COWD'))
    throw new DiskImageError("VMDK files of ESX's old sparse kind (COWD) are not read here");
  if (!hasMagic(first, 'KDMV'))
    throw new DiskImageError(
      'the VMDK file only describes a disk that is in other files, which is not supported',
    );
  if (first.length < vmdkSector) throw new DiskImageError('the VMDK header is cut off');
  const isAtEnd = viewOf(first).getBigUint64(56, true) === directoryAtEnd;
  return parse(isAtEnd ? await footer(file) : first, first);
}

/** In front of the marker that ends the stream; a marker of its own comes before. */
async function footer(file: DiskReader): Promise<Uint8Array> {
  const end = await readBytes(file, file.size - 3 * vmdkSector, 3 * vmdkSector);
  const marker = viewOf(end);
  const header = end.subarray(vmdkSector, 2 * vmdkSector);
  if (marker.getUint32(12, true) !== vmdkMarkers.footer || !hasMagic(header, 'KDMV'))
    throw new DiskImageError('the VMDK file has no footer: it is cut off or damaged');
  return header;
}

function parse(header: Uint8Array, first: Uint8Array): VmdkHeader {
  const view = viewOf(header);
  const version = view.getUint32(4, true);
  if (version < 1 || version > 3) throw new DiskImageError(`VMDK version ${version} is not known`);
  const sectors = (at: number, what: string) =>
    safeNumber(view.getBigUint64(at, true) * BigInt(vmdkSector), what);
  const capacity = sectors(12, 'the capacity');
  const grainSize = sectors(20, 'the grain size');
  const entriesPerTable = view.getUint32(44, true);
  if (capacity === 0) throw new DiskImageError('the VMDK file holds no disk of its own');
  // Powers of two above 4 KiB by the specification; 16 MiB bounds what one damaged number can cost.
  if (grainSize < 4096 || grainSize > 16 << 20 || (grainSize & (grainSize - 1)) !== 0)
    throw new DiskImageError(`VMDK grains of ${grainSize} bytes are not possible`);
  if (entriesPerTable < 1 || entriesPerTable > 512)
    throw new DiskImageError(`VMDK grain tables of ${entriesPerTable} entries are not possible`);
  const flags = view.getUint32(8, true);
  const compression = view.getUint16(77, true);
  const isCompressed = (flags & vmdkFlags.compressed) !== 0;
  if (compression > 1 || (isCompressed && compression !== 1))
    throw new DiskImageError(`the VMDK file is compressed in a way that is not known (${compression})`);
  if (isCompressed && (flags & vmdkFlags.markers) === 0)
    throw new DiskImageError('VMDK files that are compressed, but have no markers, are not known');
  return {
    flags,
    capacity,
    grainSize,
    entriesPerTable,
    directoryPlace: sectors(56, 'the place of the grain directory'),
    descriptorPlace: safeNumber(viewOf(first).getBigUint64(28, true) * 512n, 'the place of the descriptor'),
    descriptorSize: safeNumber(viewOf(first).getBigUint64(36, true) * 512n, 'the size of the descriptor'),
  };
}
