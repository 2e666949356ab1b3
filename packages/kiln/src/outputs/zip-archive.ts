import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { throwIfCancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';

/** A file to pack and its name in the archive, with slashes. */
export interface ZipEntry {
  readonly path: string;
  readonly name: string;
}

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
  readonly mode: number;
}

/** Version needed to extract: 4.5, which has the 64-bit sizes that disks may need. */
const version = 45;
/** Bit 3: sizes follow the data. Bit 11: names are UTF-8. */
const flags = 0x0808;
const deflate = 8;
/** 1980-01-01, the first day a ZIP file can name: the same files give the same bytes. */
const firstDay = 0x0021;
const all32 = 0xffffffff;

/** The bytes of a ZIP archive with 64-bit sizes (PKWARE's APPNOTE 6.3). */
export async function* zipOf(
  entries: readonly ZipEntry[],
  level: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const written: Written[] = [];
  let offset = 0;
  for (const entry of entries) {
    const info = await stat(entry.path);
    if (!info.isFile()) {
      throw new KilnError('output-failed', `${entry.path} cannot be packed: it is not a file`);
    }
    const name = Buffer.from(entry.name);
    const start = offset;
    const header = localHeader(name);
    yield header;
    offset += header.length;

    let crc = 0;
    let size = 0;
    let compressed = 0;
    const deflater = createDeflateRaw(level === undefined ? {} : { level });
    const source = createReadStream(entry.path, { highWaterMark: 1 << 20 });
    source.on('data', (chunk) => {
      crc = crc32(chunk, crc);
      size += chunk.length;
    });
    source.on('error', (error) => deflater.destroy(error));
    for await (const chunk of source.pipe(deflater)) {
      throwIfCancelled(signal);
      compressed += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    const descriptor = dataDescriptor(crc, compressed, size);
    yield descriptor;
    offset += compressed + descriptor.length;
    written.push({ name, crc, compressed, size, offset: start, mode: info.mode & 0o777 });
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  yield endOfDirectory(written.length, directory.length, offset);
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30 + 20);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(deflate, 8);
  header.writeUInt16LE(firstDay, 12);
  header.writeUInt32LE(all32, 18);
  header.writeUInt32LE(all32, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(20, 28);
  // The ZIP64 extra field says that the descriptor's sizes have 8 bytes; its own are not known yet.
  header.writeUInt16LE(1, 30);
  header.writeUInt16LE(16, 32);
  return Buffer.concat([header.subarray(0, 30), name, header.subarray(30)]);
}

function dataDescriptor(crc: number, compressed: number, size: number): Buffer {
  const descriptor = Buffer.alloc(24);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeBigUInt64LE(BigInt(compressed), 8);
  descriptor.writeBigUInt64LE(BigInt(size), 16);
  return descriptor;
}

function directoryEntry(entry: Written): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((3 << 8) | version, 4); // made by Unix: modes are kept
  header.writeUInt16LE(version, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(deflate, 10);
  header.writeUInt16LE(firstDay, 14);
  header.writeUInt32LE(entry.crc, 16);
  header.writeUInt32LE(all32, 20);
  header.writeUInt32LE(all32, 24);
  header.writeUInt16LE(entry.name.length, 28);
  header.writeUInt16LE(28, 30);
  header.writeUInt32LE(((0o100000 | entry.mode) << 16) >>> 0, 38);
  header.writeUInt32LE(all32, 42);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(entry.size), 4);
  extra.writeBigUInt64LE(BigInt(entry.compressed), 12);
  extra.writeBigUInt64LE(BigInt(entry.offset), 20);
  return Buffer.concat([header, entry.name, extra]);
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE((3 << 8) | version, 12);
  end64.writeUInt16LE(version, 14);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(all32, 12);
  end.writeUInt32LE(all32, 16);
  return Buffer.concat([end64, locator, end]);
}
