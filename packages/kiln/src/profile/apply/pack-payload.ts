import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PayloadFile } from '../compile/contents.ts';
import { fillPayload } from '../compile/payload-archive.ts';

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
    await fillPayload(packed, payload);
    await writing;
    return path;
  } catch (error) {
    packed.destroy(error as Error);
    throw error;
  }
}
