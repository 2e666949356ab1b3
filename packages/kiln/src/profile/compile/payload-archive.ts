import type { Pack } from 'tar-stream';
import { packFile } from '../../guests/packed-tree.ts';
import { openUploadSource } from '../../guests/upload-source.ts';
import type { PayloadFile } from './contents.ts';

/** Puts a payload into an archive, the same one for the same files, and ends it. @throws KilnError `file-missing` */
export async function fillPayload(packed: Pack, payload: readonly PayloadFile[]): Promise<void> {
  for (const { name, from } of payload) {
    const source = await openUploadSource(from, 0o600);
    await packFile(packed, { name, mode: 0o600, mtime: new Date(0) }, source);
  }
  packed.finalize();
}
