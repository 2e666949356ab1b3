/** What goes into the first cluster of a new file of version 3. Places and sizes in bytes. */
export interface NewHeader {
  readonly clusterSize: number;
  readonly virtualSize: number;
  readonly isZstd: boolean;
  readonly firstLevel: { readonly place: number; readonly entries: number };
  readonly refcounts: { readonly place: number; readonly clusters: number };
  readonly backing?: { readonly name: string; readonly format: string };
}

const headerLength = 112;
const backingFormatType = 0xe2792aca;

/** @throws RangeError when the name of the backing file does not fit into the first cluster */
export function encodeHeader(header: NewHeader): Uint8Array {
  const { clusterSize, backing } = header;
  const bytes = Buffer.alloc(clusterSize);
  bytes.set([0x51, 0x46, 0x49, 0xfb]);
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(Math.log2(clusterSize), 20);
  bytes.writeBigUInt64BE(BigInt(header.virtualSize), 24);
  bytes.writeUInt32BE(header.firstLevel.entries, 36);
  bytes.writeBigUInt64BE(BigInt(header.firstLevel.place), 40);
  bytes.writeBigUInt64BE(BigInt(header.refcounts.place), 48);
  bytes.writeUInt32BE(header.refcounts.clusters, 56);
  if (header.isZstd) {
    bytes.writeBigUInt64BE(8n, 72);
    bytes.writeUInt8(1, 104);
  }
  bytes.writeUInt32BE(4, 96); // references are counted in 2^4 bits
  bytes.writeUInt32BE(headerLength, 100);
  if (backing) writeBacking(bytes, backing);
  return bytes;
}

function writeBacking(bytes: Buffer, { name, format }: { name: string; format: string }): void {
  const nameBytes = Buffer.from(name, 'utf8');
  const formatBytes = Buffer.from(format, 'latin1');
  // The extension's padding to eight bytes, and the empty one that ends the list.
  const namePlace = headerLength + 8 + Math.ceil(formatBytes.length / 8) * 8 + 8;
  const room = Math.min(1023, bytes.length - namePlace);
  if (nameBytes.length === 0 || nameBytes.length > room)
    throw new RangeError(`the name of a backing file has 1 to ${room} bytes here, not ${nameBytes.length}`);
  bytes.writeUInt32BE(backingFormatType, headerLength);
  bytes.writeUInt32BE(formatBytes.length, headerLength + 4);
  bytes.set(formatBytes, headerLength + 8);
  bytes.set(nameBytes, namePlace);
  bytes.writeBigUInt64BE(BigInt(namePlace), 8);
  bytes.writeUInt32BE(nameBytes.length, 16);
}
