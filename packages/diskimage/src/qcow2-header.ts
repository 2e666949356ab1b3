import type { DiskReader } from './disk-reader.ts';
import { openRaw } from './raw/raw-reader.ts';
import { DiskImageError, hasMagic, safeNumber } from './read.ts';
import { readBytes, viewOf } from './read-bytes.ts';

/** What a qcow2 file's header says (QEMU's docs/interop/qcow2.txt). Sizes in bytes. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly virtualSize: number;
  readonly clusterSize: number;
  /** Name of the file that holds what this one does not, as written. */
  readonly backingFile?: string;
  readonly backingFormat?: string;
  /** The clusters are in another file; its name, or an empty one when the header leaves it out. */
  readonly dataFile?: string;
  readonly encrypted: boolean;
  readonly snapshots: number;
  readonly incompatible: {
    readonly dirty: boolean;
    readonly corrupt: boolean;
    readonly externalData: boolean;
    readonly compressionType: boolean;
    readonly extendedL2: boolean;
    /** Bits that the format's description does not know. */
    readonly unknown: bigint;
  };
}

/** @throws DiskImageError when the file is no qcow2 file of version 2 or 3, or its header makes no sense */
export async function readQcow2Header(path: string): Promise<Qcow2Header> {
  const file = await openRaw(path);
  try {
    return await parseQcow2Header(file);
  } finally {
    await file.close();
  }
}

const extensionTypes = { backingFormat: 0xe2792aca, dataFile: 0x44415441 } as const;

/** The same of an open file. */
export async function parseQcow2Header(file: DiskReader): Promise<Qcow2Header> {
  const { size } = file;
  if (size < 72) throw new DiskImageError('the file is too short for a qcow2 header');
  const bytes = await readBytes(file, 0, Math.min(size, 112));
  if (!hasMagic(bytes, 'QFI\xfb')) throw new DiskImageError('the file does not start like a qcow2 file');
  const view = viewOf(bytes);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) throw new DiskImageError(`qcow2 version ${version} is not known`);
  const clusterBits = view.getUint32(20);
  if (clusterBits < 9 || clusterBits > 21)
    throw new DiskImageError(`clusters of 2^${clusterBits} bytes are not allowed`);
  if (version === 3 && bytes.length < 104) throw new DiskImageError('the qcow2 header is cut off');
  const features = version === 3 ? view.getBigUint64(72) : 0n;
  const headerLength = version === 3 ? view.getUint32(100) : 72;
  const extensions = await readExtensions(file, headerLength, 2 ** clusterBits, size);
  const backingOffset = safeNumber(view.getBigUint64(8), 'the place of the backing file name');
  const backingLength = view.getUint32(16);
  let backingFile: string | undefined;
  if (backingOffset !== 0 && backingLength !== 0) {
    if (backingLength > 1023) throw new DiskImageError('the backing file name is longer than 1023 bytes');
    backingFile = Buffer.from(await readBytes(file, backingOffset, backingLength)).toString('utf8');
  }
  const backingFormat = extensions.get(extensionTypes.backingFormat);
  const dataFile = extensions.get(extensionTypes.dataFile) ?? (features & 4n ? '' : undefined);
  return {
    version,
    virtualSize: safeNumber(view.getBigUint64(24), 'the virtual size'),
    clusterSize: 2 ** clusterBits,
    ...(backingFile !== undefined && { backingFile }),
    ...(backingFormat !== undefined && { backingFormat }),
    ...(dataFile !== undefined && { dataFile }),
    encrypted: view.getUint32(32) !== 0,
    snapshots: view.getUint32(60),
    incompatible: {
      dirty: (features & 1n) !== 0n,
      corrupt: (features & 2n) !== 0n,
      externalData: (features & 4n) !== 0n,
      compressionType: (features & 8n) !== 0n,
      extendedL2: (features & 16n) !== 0n,
      unknown: features & ~31n,
    },
  };
}

/** The header's extensions that hold text, by type. They must lie within the first cluster. */
async function readExtensions(
  file: DiskReader,
  start: number,
  clusterSize: number,
  fileSize: number,
): Promise<Map<number, string>> {
  const end = Math.min(clusterSize, fileSize);
  const known: readonly number[] = Object.values(extensionTypes);
  const found = new Map<number, string>();
  for (let at = start; at + 8 <= end; ) {
    const head = viewOf(await readBytes(file, at, 8));
    const type = head.getUint32(0);
    const length = head.getUint32(4);
    if (type === 0) break;
    if (at + 8 + length > end) throw new DiskImageError('a qcow2 header extension is longer than the header');
    if (known.includes(type))
      found.set(type, Buffer.from(await readBytes(file, at + 8, length)).toString('utf8'));
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return found;
}
