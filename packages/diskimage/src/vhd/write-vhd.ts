import type { DiskReader } from '../disk-reader.ts';
import { viewOf } from '../read-bytes.ts';
import { copyData } from '../write/copy-data.ts';
import { dataChunks } from '../write/data-chunks.ts';
import { type OutputFile, writeNewFile } from '../write/output-file.ts';
import type { WrittenDisk } from '../write/write-options.ts';
import { isZero } from '../write/zeros.ts';
import { dynamicHeaderSize } from './dynamic-map.ts';
import { encodeFooter } from './encode-footer.ts';
import { checksum, footerSize } from './footer.ts';
import type { VhdWriteOptions } from './write-options.ts';

const mebibyte = 1 << 20;
/** Places in the file are sectors of 512 bytes in 32 bits, and some are kept back. */
const largestDisk = 2040 * 1024 * mebibyte;
const blockSize = 2 * mebibyte;
/** One bit for each sector of a block. */
const bitmapSize = blockSize / 512 / 8;

/**
 * Writes a disk to a new VHD file. Its size is rounded up to a whole MiB.
 * @throws DiskImageError when the disk cannot be read; RangeError for options that cannot be; Node's own errors when the
 * file cannot be written or is there
 */
export async function writeVhd(
  disk: DiskReader,
  path: string,
  options: VhdWriteOptions,
): Promise<WrittenDisk> {
  const size = Math.ceil(disk.size / mebibyte) * mebibyte;
  if (size > largestDisk) throw new RangeError(`a VHD holds 2040 GiB at most, not ${size} bytes`);
  const footer = encodeFooter({ ...options, size });
  return writeNewFile(path, async (output) => {
    if (options.kind === 'fixed') await copyData(disk, output, options);
    const end = options.kind === 'fixed' ? size : await writeBlocks(disk, size, output, footer, options);
    await output.write(footer, end);
    return { virtualSize: size, fileSize: end + footerSize };
  });
}

/** Everything of a dynamic disk but the footer at the end. @returns where that is to be */
async function writeBlocks(
  disk: DiskReader,
  size: number,
  output: OutputFile,
  footer: Uint8Array,
  options: VhdWriteOptions,
): Promise<number> {
  const entries = Math.ceil(size / blockSize);
  const tablePlace = footerSize + dynamicHeaderSize;
  // Filled with what stands for a block that is not there.
  const table = Buffer.alloc(Math.ceil((entries * 4) / 512) * 512, 0xff);
  const allWritten = Buffer.alloc(bitmapSize, 0xff);
  let place = tablePlace + table.length;
  for await (const { position, bytes, release } of dataChunks(disk, { ...options, unit: blockSize })) {
    const writes: Promise<void>[] = [];
    if (!isZero(bytes)) {
      table.writeUInt32BE(place / 512, (position / blockSize) * 4);
      writes.push(output.write(allWritten, place), output.write(bytes, place + bitmapSize));
      place += bitmapSize + blockSize;
    }
    void Promise.allSettled(writes).then(release);
    output.check();
  }
  await output.write(footer, 0);
  await output.write(dynamicHeader(tablePlace, entries), footerSize);
  await output.write(table, tablePlace);
  return place;
}

function dynamicHeader(tablePlace: number, entries: number): Uint8Array {
  const bytes = Buffer.alloc(dynamicHeaderSize);
  bytes.write('cxsparse', 0, 'latin1');
  bytes.fill(0xff, 8, 16);
  bytes.writeBigUInt64BE(BigInt(tablePlace), 16);
  bytes.writeUInt32BE(0x00010000, 24);
  bytes.writeUInt32BE(entries, 28);
  bytes.writeUInt32BE(blockSize, 32);
  viewOf(bytes).setUint32(36, checksum(bytes, 36));
  return bytes;
}
