import { type Header, pack } from 'tar-stream';

export type HeaderArgument = Partial<Header> & Pick<Header, 'name'>;

/** A tar archive with these entries, names as they are; every file holds "evil". */
export async function packArchive(entries: readonly HeaderArgument[]): Promise<Buffer> {
  const packed = pack();
  for (const entry of entries) {
    if (entry.type === undefined || entry.type === 'file') packed.entry(entry, 'evil');
    else packed.entry(entry);
  }
  packed.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packed as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
