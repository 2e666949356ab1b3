import { type FileHandle, open } from 'node:fs/promises';
import { detectFormat } from './detect-format.ts';
import { readQcow2Header } from './qcow2-header.ts';
import { DiskImageError, hasMagic, readAt, safeNumber, text } from './read.ts';

/** A file that an image names and that whoever opens the image would read as well. */
export interface ExternalFile {
  readonly role: 'backing file' | 'data file' | 'extent' | 'parent';
  readonly name: string;
}

/**
 * Other files that an image wants opened with it. An image from a stranger that names any can make a program
 * disclose files of its host, so such an image must not be opened.
 * @throws DiskImageError when the image is damaged in a place that would have to be read
 */
export async function externalFiles(path: string): Promise<readonly ExternalFile[]> {
  const format = await detectFormat(path);
  if (format === 'qcow2') return qcow2Files(path);
  const file = await open(path, 'r');
  try {
    if (format === 'qcow') return await qcow1Files(file);
    if (format === 'qed') return await qedFiles(file);
    if (format === 'vmdk') return await vmdkFiles(file);
    if (format === 'vpc') return await vpcFiles(file);
    return [];
  } finally {
    await file.close();
  }
}

async function qcow2Files(path: string): Promise<ExternalFile[]> {
  const { backingFile, dataFile } = await readQcow2Header(path);
  return [
    ...(backingFile === undefined ? [] : [{ role: 'backing file', name: backingFile } as const]),
    ...(dataFile === undefined ? [] : [{ role: 'data file', name: dataFile } as const]),
  ];
}

async function qcow1Files(file: FileHandle): Promise<ExternalFile[]> {
  const view = new DataView((await readAt(file, 0, 20)).buffer);
  return namedAt(file, safeNumber(view.getBigUint64(8), 'the place of the name'), view.getUint32(16));
}

/** QEMU's docs/interop/qed_spec.txt; little-endian. */
async function qedFiles(file: FileHandle): Promise<ExternalFile[]> {
  const view = new DataView((await readAt(file, 0, 64)).buffer);
  const hasBackingFile = (view.getBigUint64(16, true) & 1n) !== 0n;
  return hasBackingFile ? namedAt(file, view.getUint32(56, true), view.getUint32(60, true)) : [];
}

async function namedAt(file: FileHandle, offset: number, length: number): Promise<ExternalFile[]> {
  if (offset === 0 || length === 0) return [];
  if (length > 4095) throw new DiskImageError('the backing file name is too long');
  const name = Buffer.from(await readAt(file, offset, length)).toString('utf8');
  return [{ role: 'backing file', name }];
}

const descriptorLimit = 1 << 20;

/**
 * VMware's Virtual Disk Format 5.0. A sparse file carries its descriptor with it, and the extent named there
 * is the file itself; only when its header gives no capacity are the extents of that descriptor opened.
 */
async function vmdkFiles(file: FileHandle): Promise<ExternalFile[]> {
  const { size } = await file.stat();
  const head = await readAt(file, 0, Math.min(size, 512));
  if (hasMagic(head, 'COWD')) return [];
  if (!hasMagic(head, 'KDMV'))
    return descriptorFiles(text(await readAt(file, 0, Math.min(size, descriptorLimit))), true);
  if (head.length < 512) throw new DiskImageError('the VMDK header is cut off');
  const view = new DataView(head.buffer);
  const capacity = view.getBigUint64(12, true);
  const descriptorAt = safeNumber(view.getBigUint64(28, true), 'the place of the descriptor') * 512;
  const descriptorSize = safeNumber(view.getBigUint64(36, true), 'the size of the descriptor') * 512;
  if (descriptorAt === 0 || descriptorSize === 0) return [];
  if (descriptorSize > descriptorLimit) throw new DiskImageError('the VMDK descriptor is too large');
  const descriptor = text(await readAt(file, descriptorAt, Math.min(descriptorSize, size - descriptorAt)));
  return descriptorFiles(descriptor, capacity === 0n);
}

function descriptorFiles(descriptor: string, withExtents: boolean): ExternalFile[] {
  const found: ExternalFile[] = [];
  const parent = /parentFileNameHint\s*=\s*"?([^"\r\n\0]+)/i.exec(descriptor)?.[1]?.trim();
  if (parent) found.push({ role: 'backing file', name: parent });
  if (withExtents) {
    for (const extent of descriptor.matchAll(/^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+\w+\s+"([^"\r\n]*)"/gim))
      found.push({ role: 'extent', name: extent[1]! });
  }
  return found;
}

/** Microsoft's VHD specification 1.0: disk type 4 is a differencing disk, whose rest is in its parent. */
async function vpcFiles(file: FileHandle): Promise<ExternalFile[]> {
  const { size } = await file.stat();
  if (size < 512) throw new DiskImageError('the file is too short for a VHD footer');
  for (const at of [0, size - 512]) {
    const footer = await readAt(file, at, 512);
    const isDifferencing = hasMagic(footer, 'conectix') && new DataView(footer.buffer).getUint32(60) === 4;
    if (isDifferencing) return [{ role: 'parent', name: await vhdParentName(file, size) }];
  }
  return [];
}

async function vhdParentName(file: FileHandle, size: number): Promise<string> {
  if (size < 1536) return '';
  const header = await readAt(file, 512, 1024);
  if (!hasMagic(header, 'cxsparse')) return '';
  const name = Buffer.from(header.subarray(64, 64 + 512))
    .swap16()
    .toString('utf16le');
  return name.split('\0', 1)[0]!;
}
