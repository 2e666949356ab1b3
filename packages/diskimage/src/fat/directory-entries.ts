import { toDosTime } from './dos-time.ts';
import { entryLength } from './fat-geometry.ts';
import { type ShortName, shortNameChecksum } from './short-names.ts';

export const fatAttributes = {
  readOnly: 1,
  hidden: 2,
  system: 4,
  volumeLabel: 8,
  directory: 16,
  archive: 32,
} as const;
/** What marks an entry as a part of a long name. */
export const longNameAttributes = 15;
/** Bit in the number of a long name's last part, which comes first. */
export const lastLongPart = 0x40;
/** Where the 13 UTF-16 units of a part of a long name are. */
export const longUnitPlaces = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;

export interface ShortEntry {
  readonly short: ShortName;
  readonly attributes: number;
  readonly firstCluster: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/** One entry of 32 bytes. */
export function encodeShortEntry({ short, attributes, firstCluster, size, mtime }: ShortEntry): Uint8Array {
  const bytes = Buffer.alloc(entryLength);
  const { date, time } = toDosTime(mtime);
  bytes.write(short, 0, 'latin1');
  bytes.writeUInt8(attributes, 11);
  bytes.writeUInt16LE(time, 14);
  bytes.writeUInt16LE(date, 16);
  bytes.writeUInt16LE(date, 18);
  bytes.writeUInt16LE(firstCluster >>> 16, 20);
  bytes.writeUInt16LE(time, 22);
  bytes.writeUInt16LE(date, 24);
  bytes.writeUInt16LE(firstCluster & 0xffff, 26);
  bytes.writeUInt32LE(size, 28);
  return bytes;
}

/** How many entries a long name takes in front of its short one. */
export function longNameEntries(name: string): number {
  return Math.ceil(name.length / longUnitPlaces.length);
}

/** The entries in front of the short one, the name's end first. */
export function encodeLongName(name: string, short: ShortName): Uint8Array {
  const count = longNameEntries(name);
  const checksum = shortNameChecksum(Buffer.from(short, 'latin1'));
  const bytes = Buffer.alloc(count * entryLength);
  for (let part = count; part > 0; part--) {
    const at = (count - part) * entryLength;
    bytes.writeUInt8(part | (part === count ? lastLongPart : 0), at);
    bytes.writeUInt8(longNameAttributes, at + 11);
    bytes.writeUInt8(checksum, at + 13);
    longUnitPlaces.forEach((place, index) => {
      const unit = (part - 1) * longUnitPlaces.length + index;
      // A zero ends a name that does not fill its last part; what is behind it is all ones.
      const value = unit < name.length ? name.charCodeAt(unit) : unit === name.length ? 0 : 0xffff;
      bytes.writeUInt16LE(value, at + place);
    });
  }
  return bytes;
}
