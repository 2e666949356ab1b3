import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskImageError, readQcow2Header } from '@kiln/diskimage';
import { KilnError } from '../base/errors.ts';
import { formatSize } from '../base/sizes.ts';
import { AttachmentMembers } from './archive-attachments.ts';
import {
  type ArchiveManifest,
  largestManifest,
  manifestName,
  memberName,
  parseManifest,
} from './archive-manifest.ts';
import type { PackedAttachment } from './attachments.ts';
import { layerFile } from './home.ts';
import type { ImageRecord } from './image-record.ts';
import { readTar, type TarMember } from './plain-tar.ts';

export interface ImportedArchive {
  readonly record: ImageRecord;
  /** Top first; complete, compared with their digests, synced. */
  readonly files: readonly { readonly digest: string; readonly path: string }[];
  /** Compared with their digests. */
  readonly attachments: readonly PackedAttachment[];
}

export interface ArchiveOptions {
  /** More than this must not be unpacked. */
  readonly freeBytes: number;
  readonly onProgress?: (part: number) => void;
}

/**
 * Unpacks an image archive into a folder. Only what its manifest lists, under the names and with the sizes,
 * digests and backing files that follow from it, is let through.
 * @throws KilnError `file-unsafe`, `checksum-mismatch`, `disk-full`
 */
export async function readArchive(
  chunks: AsyncIterable<Buffer>,
  archive: string,
  folder: string,
  { freeBytes, onProgress }: ArchiveOptions,
): Promise<ImportedArchive> {
  let manifest: ArchiveManifest | undefined;
  const expected = new Map<string, { readonly digest: string; readonly size: number }>();
  const paths = new Map<string, string>();
  const attached = new AttachmentMembers(archive);
  let total = 0;
  let done = 0;
  for await (const member of readTar(chunks, archive)) {
    if (!manifest) {
      manifest = await readManifest(member, archive);
      for (const layer of manifest.layers) expected.set(memberName(layer.digest), layer);
      attached.expect(manifest.record.attachments ?? []);
      total = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
      if (total > freeBytes) throw tooLarge(archive, folder, total, freeBytes);
      continue;
    }
    if (await attached.take(member)) continue;
    const layer = expected.get(member.name);
    if (!layer) throw unexpected(archive, member.name);
    expected.delete(member.name);
    if (member.size !== layer.size)
      throw unsafe(archive, `"${member.name}" has ${member.size} bytes instead of ${layer.size}`);
    const path = join(folder, layerFile(layer.digest));
    await writeLayer(member, layer.digest, path, archive, (length) => {
      done += length;
      onProgress?.(done / total);
    });
    paths.set(layer.digest, path);
  }
  if (!manifest) throw unsafe(archive, 'it is empty');
  const [missing] = [...attached.missing(), ...expected.keys()];
  if (missing !== undefined) throw unsafe(archive, `"${missing}" is missing`);
  const files = manifest.layers.map(({ digest }) => ({ digest, path: paths.get(digest)! }));
  await checkChain(files, manifest.record, archive);
  return { record: manifest.record, files, attachments: attached.taken };
}

async function readManifest(member: TarMember, archive: string): Promise<ArchiveManifest> {
  if (member.name !== manifestName)
    throw unsafe(archive, `it starts with "${member.name}" instead of "${manifestName}"`);
  if (member.size > largestManifest) throw unsafe(archive, `its ${manifestName} is too large`);
  const parts: Buffer[] = [];
  for await (const part of member.content) parts.push(Buffer.from(part));
  return parseManifest(Buffer.concat(parts).toString('utf8'), archive);
}

async function writeLayer(
  member: TarMember,
  digest: string,
  path: string,
  archive: string,
  onBytes: (length: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of member.content) {
      hash.update(chunk);
      await file.appendFile(chunk);
      onBytes(chunk.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const actual = hash.digest('hex');
  if (actual === digest) return;
  throw new KilnError(
    'checksum-mismatch',
    `${archive} is damaged: "${member.name}" has the digest ${actual} instead of ${digest}`,
    { hint: 'get the archive again from where it came' },
  );
}

/** Each layer must stand on the next by exactly its name in the store, and the last one on nothing. */
async function checkChain(
  files: ImportedArchive['files'],
  record: ImageRecord,
  archive: string,
): Promise<void> {
  for (const [index, { digest, path }] of files.entries()) {
    const below = files[index + 1];
    const expected = below && layerFile(below.digest);
    try {
      const { backingFile, backingFormat, dataFile, encrypted, virtualSize } = await readQcow2Header(path);
      if (dataFile !== undefined) throw unsafe(archive, `a layer keeps its data in "${dataFile}"`);
      if (backingFile !== expected || (expected && backingFormat !== 'qcow2'))
        throw unsafe(
          archive,
          `the layer ${digest} stands on "${backingFile ?? ''}" instead of "${expected ?? ''}"`,
        );
      if (encrypted) throw unsafe(archive, 'a layer is encrypted');
      if (index === 0 && virtualSize !== record.virtualSize)
        throw unsafe(archive, `the disk has ${virtualSize} bytes instead of ${record.virtualSize}`);
    } catch (error) {
      if (error instanceof DiskImageError) throw unsafe(archive, error.message);
      throw error;
    }
  }
}

function unexpected(archive: string, name: string): KilnError {
  return unsafe(archive, `it has a member "${name}" that does not belong to the image`);
}

function tooLarge(archive: string, folder: string, total: number, free: number): KilnError {
  return new KilnError(
    'disk-full',
    `${archive} needs ${formatSize(total)} in ${folder}, where ${formatSize(free)} are free`,
    { hint: 'free some space, or point KILN_HOME at a larger disk' },
  );
}

function unsafe(archive: string, why: string): KilnError {
  return new KilnError('file-unsafe', `${archive} is not a sound image archive: ${why}`, {
    hint: 'use an archive that `kiln image export` made',
  });
}
