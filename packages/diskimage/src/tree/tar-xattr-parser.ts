import { DiskImageError } from '../read.ts';
import { treePath, type XattrParser, type XattrsByPath } from './xattr-parser.ts';

const blockSize = 512;
const recordPrefix = 'SCHILY.xattr.';
/** More than the kernel lets one file have in attributes and names. */
const longestRecords = 16 * 1024 * 1024;

/**
 * Reads extended attributes from the headers of a pax archive (POSIX.1-2008, pax Interchange Format; attributes are
 * records that star made up and GNU tar writes), and skips everything else as it comes.
 */
export class TarXattrParser implements XattrParser {
  readonly #keep: (name: string) => boolean;
  readonly #files = new Map<string, Map<string, Uint8Array>>();
  /** What has come and is not used up. */
  #waiting: Buffer = Buffer.alloc(0);
  /** Bytes of data that come before the next header. */
  #skip = 0;
  #records: ReadonlyMap<string, Buffer> = new Map();

  constructor(keep: (name: string) => boolean) {
    this.#keep = keep;
  }

  add(chunk: Buffer): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    const rest = chunk.subarray(skipped);
    if (rest.length === 0) return;
    this.#waiting = this.#waiting.length === 0 ? rest : Buffer.concat([this.#waiting, rest]);
    while (this.#header());
  }

  end(): XattrsByPath {
    return this.#files;
  }

  /** Uses up one header, if it is all there. */
  #header(): boolean {
    const bytes = this.#waiting;
    if (bytes.length < blockSize) return false;
    if (bytes[0] === 0) {
      // Zeros end the archive.
      this.#consume(blockSize);
      return true;
    }
    if (bytes.toString('latin1', 257, 262) !== 'ustar') throw new DiskImageError('tar gave no archive');
    const size = sizeField(bytes);
    const padded = Math.ceil(size / blockSize) * blockSize;
    const type = String.fromCharCode(bytes[156]!);
    if (type === 'x') {
      if (size > longestRecords) throw new DiskImageError(`tar gave ${size} bytes of records for one file`);
      if (bytes.length < blockSize + padded) return false;
      this.#records = parseRecords(bytes.subarray(blockSize, blockSize + size));
      this.#consume(blockSize + padded);
      return true;
    }
    this.#take(bytes);
    this.#consume(blockSize);
    const known = Math.min(padded, this.#waiting.length);
    this.#consume(known);
    this.#skip = padded - known;
    this.#records = new Map();
    return this.#skip === 0;
  }

  #take(header: Buffer): void {
    const attributes = new Map<string, Uint8Array>();
    for (const [key, value] of this.#records) {
      if (!key.startsWith(recordPrefix)) continue;
      const name = key.slice(recordPrefix.length).replaceAll('%3D', '=').replaceAll('%25', '%');
      if (this.#keep(name)) attributes.set(name, Buffer.from(value));
    }
    if (attributes.size === 0) return;
    const long = this.#records.get('GNU.sparse.name') ?? this.#records.get('path');
    this.#files.set(treePath(long ? long.toString('latin1') : nameField(header)), attributes);
  }

  #consume(length: number): void {
    this.#waiting = this.#waiting.subarray(length);
  }
}

/** `length key=value\n`, one behind the other; the length counts all of that. */
function parseRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(bytes.toString('latin1', at, space));
    const equals = bytes.indexOf(0x3d, space);
    const end = at + length;
    if (!(length > 0) || end > bytes.length || equals < 0 || equals >= end)
      throw new DiskImageError('tar gave records that cannot be read');
    records.set(bytes.toString('latin1', space + 1, equals), bytes.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

function sizeField(header: Buffer): number {
  // Sizes from 8 GiB on are binary, which the first bit says.
  if (header[124]! & 0x80) return header.readUIntBE(130, 6);
  return Number.parseInt(header.toString('latin1', 124, 136).trim() || '0', 8);
}

function nameField(header: Buffer): string {
  const field = (from: number, length: number) =>
    header.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  const prefix = field(345, 155);
  return prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`;
}
