import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { KilnError } from '../base/errors.ts';

/**
 * A tar archive of files under their own names without folders, as Packer packs artifacts. The same files give the
 * same bytes: no times, no owners. Fails through the stream.
 */
export function tarOf(paths: readonly string[], signal: AbortSignal): Readable {
  const pack = tar.pack();
  fill(pack, paths, signal).catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return pack as unknown as Readable;
}

async function fill(pack: tar.Pack, paths: readonly string[], signal: AbortSignal): Promise<void> {
  for (const path of paths) {
    const info = await stat(path);
    if (!info.isFile()) {
      throw new KilnError('output-failed', `${path} cannot be packed: it is not a file`);
    }
    const entry = pack.entry({
      name: basename(path),
      size: info.size,
      mode: info.mode & 0o777,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
      type: 'file',
    });
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), entry, { signal });
  }
  pack.finalize();
}
