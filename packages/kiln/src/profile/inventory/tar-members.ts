import { decodeName } from './byte-names.ts';

export interface TarMember {
  /** Absolute, as byte-names.ts has it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const blockSize = 512;

/**
 * The regular files of tar archives one behind the other, as GNU's tar and that of busybox write them: ustar (POSIX.1),
 * with GNU's long names and pax paths. Hard links to members stand for them; everything else is passed over, and reading ends
 * where it makes no sense any more.
 */
export function* tarMembers(archive: Uint8Array): Generator<TarMember> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const known = new Map<string, Uint8Array>();
  let longName: Buffer | undefined;
  for (let at = 0; at + blockSize <= bytes.length; ) {
    const header = bytes.subarray(at, at + blockSize);
    at += blockSize;
    // Blocks of zeros end an archive; another one may follow.
    if (header[0] === 0) continue;
    const size = octal(header, 124, 12);
    if (header.toString('latin1', 257, 262) !== 'ustar' || size === undefined || at + size > bytes.length)
      return;
    const content = bytes.subarray(at, at + size);
    at += Math.ceil(size / blockSize) * blockSize;
    const type = String.fromCharCode(header[156]!);
    if (type === 'L') longName = untilZero(content);
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else {
      const path = absolute(longName ?? shortName(header));
      longName = undefined;
      const linked = type === '1' ? known.get(absolute(untilZero(header.subarray(157, 257)))) : undefined;
      const found = type === '0' || type === '\0' ? content : linked;
      if (!found) continue;
      known.set(path, found);
      yield { path, bytes: found };
    }
  }
}

function octal(header: Buffer, at: number, length: number): number | undefined {
  const text = header
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function shortName(header: Buffer): Buffer {
  const name = untilZero(header.subarray(0, 100));
  // GNU's own format has times where POSIX has the first part of long names.
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? untilZero(header.subarray(345, 500)) : Buffer.alloc(0);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

/** `length path=value\n` among other records. */
function paxPath(records: Buffer): Buffer | undefined {
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(0x20, at);
    const length = Number(records.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) return undefined;
    const record = records.subarray(space + 1, at + length - 1);
    if (record.toString('latin1', 0, 5) === 'path=') return record.subarray(5);
    at += length;
  }
  return undefined;
}

function untilZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Programs take the slash at the start away. */
function absolute(name: Buffer): string {
  return `/${decodeName(name).replace(/^\/+/, '')}`;
}
