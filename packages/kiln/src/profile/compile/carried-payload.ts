import { gzipSync } from 'node:zlib';
import type { PayloadFile } from './contents.ts';
import { fillPayload } from './payload-archive.ts';

/** Commands that unpack a payload out of the script itself; nothing when there is none. */
export async function carriedPayload(payload: readonly PayloadFile[]): Promise<string> {
  if (payload.length === 0) return '';
  const { pack } = await import('tar-stream');
  const packed = pack();
  const filling = fillPayload(packed, payload);
  filling.catch((error: Error) => packed.destroy(error));
  const chunks: Buffer[] = [];
  for await (const chunk of packed as AsyncIterable<Buffer>) chunks.push(chunk);
  await filling;
  const lines =
    gzipSync(Buffer.concat(chunks), { level: 9 })
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return `payload=$work/payload
mkdir "$payload"
base64 -d <<'END' | gzip -d | tar -xf - -C "$payload" || give_up 'its files could not be unpacked'
${lines.join('\n')}
END`;
}
