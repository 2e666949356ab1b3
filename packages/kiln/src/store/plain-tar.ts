import { KilnError } from '../base/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { tarChecksum, tarNumber, tarString } from './tar-fields.ts';

/**
 * The part of the tar format (POSIX.1-1988 ustar) that an image archive needs: plain files under short names.
 * Reading refuses everything else, so no link, folder, device or extended header has any effect, and what is
 * held in memory is one header. The same content always gives the same bytes.
 */
const blockSize = 512;

/** The header of a plain file, owned by root, read-only, without a time. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(blockSize);
  if (name.length > 100) throw new KilnError('internal', `the archive member name ${name} is too long`);
  header.write(name, 0, 'ascii');
  header.write('0000444\0', 100, 'ascii');
  header.write('0000000\0', 108, 'ascii');
  header.write('0000000\0', 116, 'ascii');
  writeSize(header, size);
  header.write('00000000000\0', 136, 'ascii');
  header.write('0', 156, 'ascii');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${tarChecksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return header;
}

/** What follows a member's content, up to the next header. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** What ends an archive. */
export const tarEnd = Buffer.alloc(2 * blockSize);

export function looksLikeTar(head: Buffer): boolean {
  return head.length >= blockSize && head.toString('latin1', 257, 262) === 'ustar';
}

export interface TarMember {
  readonly name: string;
  readonly size: number;
  /** To be read to its end before the next member is asked for. */
  readonly content: AsyncGenerator<Buffer>;
}

/** @throws KilnError `file-unsafe` for anything that is not a plain file, and for damaged or cut off archives */
export async function* readTar(chunks: AsyncIterable<Buffer>, archive: string): AsyncGenerator<TarMember> {
  const reader = new ByteReader(chunks, () => damaged(archive, 'it is cut off'));
  for (;;) {
    const header = await reader.read(blockSize);
    if (header.every((byte) => byte === 0)) return;
    const { name, size } = parseHeader(header, archive);
    yield { name, size, content: reader.stream(size) };
    await reader.read((blockSize - (size % blockSize)) % blockSize);
  }
}

const kinds: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder',
  '6': 'a pipe',
};

function parseHeader(header: Buffer, archive: string): { readonly name: string; readonly size: number } {
  const stored = Number.parseInt(header.toString('latin1', 148, 156), 8);
  if (stored !== tarChecksum(header)) throw damaged(archive, 'a header has a wrong checksum');
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? tarString(header, 345, 155) : '';
  const name = `${prefix ? `${prefix}/` : ''}${tarString(header, 0, 100)}`;
  const type = String.fromCharCode(header[156]!);
  if (type !== '0' && type !== '\0') {
    throw new KilnError('file-unsafe', `${archive} has ${kinds[type] ?? 'a special member'}, "${name}"`, {
      hint: 'an image archive has plain files only; use one that `kiln image export` made',
    });
  }
  return { name, size: readSize(header, archive) };
}

const largestOctal = 8 ** 11 - 1;

/** Sizes from 8 GiB on are binary, as GNU tar writes them. */
function writeSize(header: Buffer, size: number): void {
  if (size <= largestOctal) {
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'ascii');
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
}

function readSize(header: Buffer, archive: string): number {
  const size = tarNumber(header, 124, 12);
  if (size !== undefined) return size;
  throw damaged(archive, 'a member has an impossible size');
}

function damaged(archive: string, why: string): KilnError {
  return new KilnError('file-unsafe', `${archive} is not a sound archive: ${why}`, {
    hint: 'get the file again from where it came',
  });
}
