import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { KilnError, messageOf } from '../../base/errors.ts';
import type { ArchiveMember } from '../../store/boxes/archive-member.ts';
import { type BoxMetadata, parseBoxMetadata } from '../../store/boxes/box-metadata.ts';
import { damagedArchive, readFullTar } from '../../store/boxes/read-full-tar.ts';
import { readZip } from '../../store/boxes/read-zip.ts';
import { detectCompression } from '../../store/decompress.ts';

/** No metadata is larger, in bytes. */
const largest = 1 << 20;

/**
 * What a box file says of itself. Nothing is unpacked; of a box whose metadata comes first hardly anything is read.
 * @param shown the box as its user knows it
 * @throws KilnError `file-unsafe` for what is no box
 */
export async function peekBox(path: string, shown: string): Promise<BoxMetadata> {
  let isFirstVersion = false;
  for await (const member of membersOf(path, shown)) {
    const name = member.name.replace(/^\.\//, '');
    if (name === 'box.ovf') isFirstVersion = true;
    if (name !== 'metadata.json' || member.kind !== 'file') {
      for await (const _piece of member.content);
      continue;
    }
    if (member.size > largest) throw noBox(shown, 'its metadata.json is too large');
    const content = Buffer.alloc(member.size);
    for await (const { position, bytes } of member.content) bytes.copy(content, position);
    return parseBoxMetadata(content.toString('utf8'), shown);
  }
  if (isFirstVersion) return parseBoxMetadata('{"provider":"virtualbox"}', shown);
  throw noBox(shown, 'it has no metadata.json');
}

async function* membersOf(path: string, shown: string): AsyncGenerator<ArchiveMember> {
  if (await isZip(path)) {
    yield* readZip(path, shown);
    return;
  }
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  const unpacker = unpackerOf(await detectCompression(path), shown);
  source.on('error', (error) => unpacker.destroy(error));
  source.pipe(unpacker);
  try {
    yield* readFullTar(unpacker, shown);
  } catch (error) {
    if (error instanceof KilnError) throw error;
    throw damagedArchive(shown, messageOf(error));
  } finally {
    source.destroy();
    unpacker.destroy();
  }
}

function unpackerOf(compression: Awaited<ReturnType<typeof detectCompression>>, shown: string): Transform {
  switch (compression) {
    case undefined:
      return new PassThrough();
    case 'gzip':
      return createGunzip();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw new KilnError('unsupported', `${shown} is compressed with ${compression}`, {
        hint: `unpack it with ${compression} -d and push the tar archive`,
      });
  }
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1').startsWith('PK');
  } finally {
    await file.close();
  }
}

function noBox(shown: string, why: string): KilnError {
  return new KilnError('file-unsafe', `${shown} is no box: ${why}`, {
    hint: 'make one with `kiln package`, `kiln build` with the output box, or `vagrant package`',
  });
}
