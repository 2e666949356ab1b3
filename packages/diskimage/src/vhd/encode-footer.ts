import { viewOf } from '../read-bytes.ts';
import { uuidBytes } from '../uuid.ts';
import { checksum, footerSize, vhdTypes } from './footer.ts';
import { vhdGeometry } from './geometry.ts';

export interface NewFooter {
  readonly kind: 'fixed' | 'dynamic';
  /** Bytes. */
  readonly size: number;
  readonly uuid: string;
  /** Seconds since 1970. */
  readonly time: number;
}

const year2000 = 946684800;

/** @throws RangeError when the UUID is none, or the time before the year 2000 or after 2136 */
export function encodeFooter({ kind, size, uuid, time }: NewFooter): Uint8Array {
  const stamp = time - year2000;
  if (!Number.isInteger(stamp) || stamp < 0 || stamp > 0xffffffff)
    throw new RangeError(`${time} is no time that a VHD can have (whole seconds, from the year 2000 on)`);
  const bytes = Buffer.alloc(footerSize);
  const geometry = vhdGeometry(size);
  bytes.write('conectix', 0, 'latin1');
  bytes.writeUInt32BE(2, 8); // a bit that is always set
  bytes.writeUInt32BE(0x00010000, 12);
  bytes.fill(0xff, 16, 24);
  if (kind === 'dynamic') bytes.writeBigUInt64BE(BigInt(footerSize), 16);
  bytes.writeUInt32BE(stamp, 24);
  // Hyper-V's mark: programs that know creators take the size to the byte then, and not what the geometry gives.
  bytes.write('win ', 28, 'latin1');
  bytes.writeUInt32BE(0x000a0000, 32);
  bytes.write('Wi2k', 36, 'latin1');
  bytes.writeBigUInt64BE(BigInt(size), 40);
  bytes.writeBigUInt64BE(BigInt(size), 48);
  bytes.writeUInt16BE(geometry.cylinders, 56);
  bytes.writeUInt8(geometry.heads, 58);
  bytes.writeUInt8(geometry.sectors, 59);
  bytes.writeUInt32BE(vhdTypes[kind], 60);
  bytes.set(uuidBytes(uuid), 68);
  viewOf(bytes).setUint32(64, checksum(bytes, 64));
  return bytes;
}
