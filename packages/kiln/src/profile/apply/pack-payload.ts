import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openUploadSource } from '../../guests/upload-source.ts';
import type { PayloadFile } from '../compile/contents.ts';

/** Packs a payload into a tar file of its own folder in `scratch`, and gives back its path. @throws KilnError `file-missing` */
export async function packPayload(
  payload: readonly PayloadFile[],
  scratch: string,
  signal?: AbortSignal,
): Promise<string> {
  const { pack } = await import('tar-stream');
  const path = join(await mkdtemp(join(scratch, 'payload-')), 'payload.tar');
  const packed = pack();
  const writing = pipeline(packed, createWriteStream(path, { mode: 0o600 }), ...(signal ? [{ signal }] : []));
  writing.catch(() => {}); // whoever waits for it is told
  try {
    for (const { name, from } of payload) {
      const source = await openUploadSource(from, 0o600);
      try {
        const sink = packed.entry({ name, mode: 0o600, size: source.size, mtime: new Date(0) });
        for await (const chunk of source.chunks(65_536)) {
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
    packed.finalize();
    await writing;
    return path;
  } catch (error) {
    packed.destroy(error as Error);
    throw error;
  }
}
