import type { Header, Pack } from 'tar-stream';
import type { TransferOptions } from './guest.ts';
import type { TreeEntry } from './local-tree.ts';
import { openUploadSource, type UploadSource } from './upload-source.ts';

const chunkSize = 65_536;

/**
 * Packs local entries (a tar archive) and hands the archive on in pieces. Progress counts files' bytes.
 * @throws KilnError `file-missing`, and what `send` throws
 */
export async function sendPacked(
  entries: readonly TreeEntry[],
  send: (piece: Buffer) => Promise<void>,
  onProgress: TransferOptions['onProgress'],
): Promise<void> {
  const { pack } = await import('tar-stream');
  const total = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0);
  let done = 0;
  const packed = pack();
  const filling = fillArchive(packed, entries);
  filling.catch((error: Error) => packed.destroy(error));
  try {
    for await (const piece of inLargePieces(packed as AsyncIterable<Buffer>)) {
      await send(piece);
      done += piece.length;
      onProgress?.(Math.min(done, total), total);
    }
    await filling;
  } catch (error) {
    packed.destroy();
    throw error;
  }
}

/** Each piece costs the machine a packet and a wake-up, and an archive of small files comes in very small ones. */
async function* inLargePieces(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let pending: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    length += chunk.length;
    if (length < chunkSize) continue;
    yield Buffer.concat(pending);
    pending = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(pending);
}

async function fillArchive(packed: Pack, entries: readonly TreeEntry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.kind === 'file') {
      const source = await openUploadSource({ kind: 'file', path: entry.local }, entry.mode);
      await packFile(packed, { name: entry.path, mode: source.mode }, source);
    } else if (entry.kind === 'folder') {
      packed.entry({ name: `${entry.path}/`, mode: entry.mode, type: 'directory' });
    } else packed.entry({ name: entry.path, linkname: entry.target, type: 'symlink' });
  }
  packed.finalize();
}

/** Puts one file into an archive, and closes it. */
export async function packFile(
  packed: Pack,
  header: Pick<Header, 'name' | 'mode'> & { readonly mtime?: Date },
  source: UploadSource,
): Promise<void> {
  try {
    const sink = packed.entry({ ...header, size: source.size, type: 'file' });
    for await (const chunk of source.chunks(chunkSize)) {
      if (!sink.write(chunk)) await new Promise<void>((resolve) => sink.once('drain', () => resolve()));
    }
    await new Promise<void>((resolve, reject) => {
      sink.once('error', reject);
      sink.once('finish', resolve);
      sink.end(undefined);
    });
  } finally {
    await source.close();
  }
}
