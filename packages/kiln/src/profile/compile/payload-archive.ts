import type { Pack } from 'tar-stream';
import { openUploadSource } from '../../guests/upload-source.ts';
import type { PayloadFile } from './contents.ts';

/** Puts a payload into an archive, the same one for the same files, and ends it. @throws KilnError `file-missing` */
export async function fillPayload(packed: Pack, payload: readonly PayloadFile[]): Promise<void> {
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
}
