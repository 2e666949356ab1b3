import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createZstdDecompress, zstdCompress } from 'node:zlib';
import { isSystemError, KilnError, messageOf } from '../base/errors.ts';
import { exists, writeFileAtomically } from '../base/files.ts';
import type { Attachment, AttachmentKind } from './attachment.ts';
import { bytesOnDisk, listFolder, removeAndCount } from './folders.ts';
import type { StoreLayout } from './home.ts';
import type { ImageRecord } from './image-record.ts';

/** The largest content that is kept or taken in, in bytes: a bill of materials of a million files. */
export const largestAttachment = 512 << 20;

const compress = promisify(zstdCompress);

/** A content as it is stored. */
export interface PackedAttachment {
  readonly attachment: Attachment;
  /** Zstandard. */
  readonly bytes: Uint8Array;
}

export function attachmentPath(layout: StoreLayout, digest: string): string {
  return join(layout.attachments, `${digest}.zst`);
}

/**
 * Keeps a content, packed, under its digest. To be called under the store's lock together with the writing of the
 * record that names it: what no record names is swept away.
 */
export async function placeAttachment(
  layout: StoreLayout,
  { attachment, bytes }: PackedAttachment,
): Promise<void> {
  const path = attachmentPath(layout, attachment.digest);
  // One that was damaged in place is replaced; its content is known from its name.
  if (await sameSize(path, bytes.length)) return;
  await mkdir(layout.attachments, { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, bytes, 0o600);
}

/** A content made ready for `placeAttachment`, which is quick then. */
export async function packAttachment(
  kind: AttachmentKind,
  content: string | Uint8Array,
): Promise<PackedAttachment> {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  if (bytes.length > largestAttachment) {
    throw new KilnError(
      'unsupported',
      `the ${kind} document has ${bytes.length} bytes, which is too large to keep`,
    );
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  const packed = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  return { attachment: { kind, digest, size: bytes.length }, bytes: packed };
}

/** @throws KilnError `store-corrupt` when it is missing or not what its digest says */
export async function readAttachment(layout: StoreLayout, attachment: Attachment): Promise<Buffer> {
  const read = await unpackAttachment(layout, attachment);
  if ('bytes' in read) return read.bytes;
  throw new KilnError('store-corrupt', `${attachmentPath(layout, attachment.digest)}: ${read.problem}`, {
    hint: 'build the image again, or import it again from where it came',
  });
}

/** The content of an attachment of the store, or what is wrong with it. */
export async function unpackAttachment(layout: StoreLayout, attachment: Attachment): Promise<Unpacked> {
  if (!(await exists(attachmentPath(layout, attachment.digest)))) return { problem: 'the file is missing' };
  return unpack(createReadStream(attachmentPath(layout, attachment.digest)), attachment);
}

export type Unpacked = { readonly bytes: Buffer } | { readonly problem: string };

/** The content that is packed in these bytes, never more of it than it should have. */
export async function unpack(packed: Readable, { digest, size }: Attachment): Promise<Unpacked> {
  const parts: Buffer[] = [];
  let length = 0;
  const sink = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > size) return;
      parts.push(chunk);
    }
  };
  try {
    await pipeline(packed, createZstdDecompress(), sink);
  } catch (error) {
    // What is too long is not read to its end, which looks like a failure.
    if (length <= size) return { problem: `it cannot be unpacked (${messageOf(error)})` };
  }
  const bytes = Buffer.concat(parts);
  if (length !== size) return { problem: `it does not have the ${size} bytes that it should have` };
  const actual = createHash('sha256').update(bytes).digest('hex');
  return actual === digest ? { bytes } : { problem: `its content has the digest ${actual}` };
}

/** Removes every attachment that no record names. To be called under the store's lock. */
export async function sweepAttachments(
  layout: StoreLayout,
  records: readonly ImageRecord[],
  dryRun = false,
): Promise<number> {
  const needed = new Set(records.flatMap((record) => record.attachments ?? []).map(({ digest }) => digest));
  let bytes = 0;
  for (const name of await listFolder(layout.attachments)) {
    if (!/^[0-9a-f]{64}\.zst$/.test(name) || needed.has(name.slice(0, 64))) continue;
    const path = join(layout.attachments, name);
    bytes += dryRun ? await bytesOnDisk(path) : await removeAndCount(path);
  }
  return bytes;
}

async function sameSize(path: string, size: number): Promise<boolean> {
  try {
    return (await stat(path)).size === size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}

/** The record with these attachments in the place of others of their kinds. */
export function withAttachments(record: ImageRecord, added: readonly Attachment[]): ImageRecord {
  const { attachments: before = [], ...rest } = record;
  const byKind = new Map([...before, ...added].map((one) => [one.kind, one]));
  const attachments = [...byKind.values()];
  if (attachments.length === 0) return rest;
  return { ...rest, attachments: attachments.sort((a, b) => (a.kind < b.kind ? -1 : 1)) };
}
