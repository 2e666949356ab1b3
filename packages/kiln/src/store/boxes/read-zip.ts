import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import type { KilnError } from '../../base/errors.ts';
import type { ArchiveMember, ContentPiece } from './archive-member.ts';
import { damagedArchive } from './read-full-tar.ts';

/*
 * ZIP as boxes come in (PKWARE's APPNOTE 6.3): stored and deflated members, 64-bit sizes. The central directory is
 * believed only as far as it fits the file: members that overlap, by which a small file claims to hold petabytes, are
 * refused.
 */
const largestDirectory = 64 << 20;
const mostMembers = 100_000;
const all32 = 0xffffffff;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
  readonly mode: number;
  readonly isFolder: boolean;
}

/** @throws KilnError `file-unsafe` */
export async function* readZip(path: string, archive: string): AsyncGenerator<ArchiveMember> {
  const damaged = (why: string) => damagedArchive(archive, why);
  const file = await open(path, 'r');
  try {
    const entries = (await readDirectory(file, damaged)).sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const entry of entries) {
      if (entry.offset < end) throw damaged('its members overlap');
      end = entry.offset + 30 + entry.compressed;
    }
    for (const entry of entries) yield await memberOf(file, path, entry, damaged);
  } finally {
    await file.close();
  }
}

async function memberOf(
  file: FileHandle,
  path: string,
  entry: Entry,
  damaged: (why: string) => KilnError,
): Promise<ArchiveMember> {
  const { name, size, mode, isFolder } = entry;
  const isLink = (mode & 0o170000) === 0o120000;
  const isOther = ![0, 0o100000, 0o040000, 0o120000].includes(mode & 0o170000);
  if (isLink && size > 4096) throw damaged(`the link "${name}" is too long`);
  const content = contentOf(file, path, entry, damaged);
  if (isLink) {
    const parts: Buffer[] = [];
    for await (const { bytes } of content) parts.push(bytes);
    const target = Buffer.concat(parts).toString('utf8');
    return { kind: 'symbolic link', name, size: 0, mode, target, content: nothing() };
  }
  const kind = isOther ? 'special member' : isFolder ? 'folder' : 'file';
  // Those made by DOS have no mode.
  return { kind, name, size: kind === 'file' ? size : 0, mode: mode === 0 ? 0o644 : mode, content };
}

async function* nothing(): AsyncGenerator<ContentPiece> {}

async function* contentOf(
  file: FileHandle,
  path: string,
  { name, method, flags, crc, compressed, size, offset }: Entry,
  damaged: (why: string) => KilnError,
): AsyncGenerator<ContentPiece> {
  if ((flags & 1) !== 0) throw damaged(`"${name}" in it is encrypted`);
  if (method !== 0 && method !== 8)
    throw damaged(`"${name}" in it is compressed in a way that is not known here`);
  const header = await readAt(file, offset, 30, damaged);
  if (header.readUInt32LE(0) !== 0x04034b50) throw damaged(`"${name}" is not where it should be`);
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (compressed === 0) {
    if (size !== 0 || crc !== 0) throw damaged(`"${name}" has another size than it claims`);
    return;
  }
  const source = createReadStream(path, { start, end: start + compressed - 1, highWaterMark: 1 << 18 });
  const inflate = method === 8 ? createInflateRaw({ chunkSize: 1 << 18 }) : undefined;
  source.on('error', (error) => inflate?.destroy(error));
  const chunks: AsyncIterable<Buffer> = inflate ? source.pipe(inflate) : source;
  let position = 0;
  let sum = 0;
  try {
    for await (const bytes of chunks) {
      if (position + bytes.length > size) throw damaged(`"${name}" has another size than it claims`);
      sum = crc32(bytes, sum);
      yield { position, bytes };
      position += bytes.length;
    }
  } finally {
    source.destroy();
  }
  if (position !== size) throw damaged(`"${name}" has another size than it claims`);
  if (sum !== crc) throw damaged(`"${name}" has another checksum than it claims`);
}

async function readDirectory(file: FileHandle, damaged: (why: string) => KilnError): Promise<Entry[]> {
  const { size } = await file.stat();
  const { start, length, count } = await findDirectory(file, size, damaged);
  if (length > largestDirectory || count > mostMembers || start + length > size)
    throw damaged('its directory is impossible');
  const directory = await readAt(file, start, length, damaged);
  const entries: Entry[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50)
      throw damaged('its directory is damaged');
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const next = at + 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw damaged('its directory is damaged');
    entries.push(readEntry(directory.subarray(at, next), nameLength, extraLength, damaged));
    at = next;
  }
  return entries;
}

function readEntry(
  entry: Buffer,
  nameLength: number,
  extraLength: number,
  damaged: (why: string) => KilnError,
): Entry {
  const name = entry.toString('utf8', 46, 46 + nameLength);
  const small = {
    compressed: entry.readUInt32LE(20),
    size: entry.readUInt32LE(24),
    offset: entry.readUInt32LE(42),
  };
  const extra = entry.subarray(46 + nameLength, 46 + nameLength + extraLength);
  const { size, compressed, offset } = withLargeFields(small, extra, damaged);
  const isUnix = entry.readUInt16LE(4) >>> 8 === 3;
  return {
    name,
    method: entry.readUInt16LE(10),
    flags: entry.readUInt16LE(8),
    crc: entry.readUInt32LE(16),
    compressed,
    size,
    offset,
    mode: isUnix ? entry.readUInt16LE(40) : 0,
    isFolder: name.endsWith('/'),
  };
}

interface Fields {
  readonly size: number;
  readonly compressed: number;
  readonly offset: number;
}

/** The ZIP64 extra field has those that do not fit, in this order. */
function withLargeFields(small: Fields, extra: Buffer, damaged: (why: string) => KilnError): Fields {
  const large = { ...small };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    let field = at + 4;
    for (const name of ['size', 'compressed', 'offset'] as const) {
      if (small[name] !== all32) continue;
      if (field + 8 > end) throw damaged('its directory is damaged');
      large[name] = Number(extra.readBigUInt64LE(field));
      field += 8;
    }
  }
  if (!Object.values(large).every((value) => Number.isSafeInteger(value)))
    throw damaged('its directory is impossible');
  return large;
}

async function findDirectory(
  file: FileHandle,
  size: number,
  damaged: (why: string) => KilnError,
): Promise<{ readonly start: number; readonly length: number; readonly count: number }> {
  const tailStart = Math.max(0, size - 65_557);
  const tail = await readAt(file, tailStart, size - tailStart, damaged);
  const at = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (at < 0 || at + 22 > tail.length) throw damaged('it is cut off');
  const end = {
    start: tail.readUInt32LE(at + 16),
    length: tail.readUInt32LE(at + 12),
    count: tail.readUInt16LE(at + 10),
  };
  const locator = tailStart + at - 20;
  if (locator < 0) return end;
  const found = await readAt(file, locator, 20, damaged);
  if (found.readUInt32LE(0) !== 0x07064b50) return end;
  const end64 = await readAt(file, Number(found.readBigUInt64LE(8)), 56, damaged);
  if (end64.readUInt32LE(0) !== 0x06064b50) throw damaged('its directory is damaged');
  return {
    start: Number(end64.readBigUInt64LE(48)),
    length: Number(end64.readBigUInt64LE(40)),
    count: Number(end64.readBigUInt64LE(32)),
  };
}

async function readAt(
  file: FileHandle,
  position: number,
  length: number,
  damaged: (why: string) => KilnError,
): Promise<Buffer> {
  const { size } = await file.stat();
  if (!(position >= 0) || position + length > size) throw damaged('it is cut off');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw damaged('it is cut off');
  return buffer;
}
