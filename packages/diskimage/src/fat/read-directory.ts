import { DiskImageError } from '../read.ts';
import { viewOf } from '../read-bytes.ts';
import { fatAttributes, lastLongPart, longNameAttributes, longUnitPlaces } from './directory-entries.ts';
import { fromDosTime } from './dos-time.ts';
import { entryLength } from './fat-geometry.ts';
import { shortNameChecksum } from './short-names.ts';

export interface DirectoryEntry {
  /** UTF-8, one character a byte, as in TreeEntry. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'label';
  readonly firstCluster: number;
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

const free = 0xe5;
/** Stands for a name whose first byte is the one that marks free entries. */
const escapedFree = 0x05;

/** What is in a directory, without `.` and `..`. @throws DiskImageError when a name could not be a name in a path */
export function parseDirectory(bytes: Uint8Array): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  let long = new LongName();
  for (let at = 0; at + entryLength <= bytes.length; at += entryLength) {
    const entry = bytes.subarray(at, at + entryLength);
    if (entry[0] === 0) break;
    if (entry[0] === free) long = new LongName();
    else if ((entry[11]! & 0x3f) === longNameAttributes) long.add(entry);
    else {
      const parsed = parseEntry(entry, long);
      if (parsed) entries.push(parsed);
      long = new LongName();
    }
  }
  return entries;
}

function parseEntry(entry: Uint8Array, long: LongName): DirectoryEntry | undefined {
  const view = viewOf(entry);
  const attributes = view.getUint8(11);
  const common = {
    firstCluster: view.getUint16(20, true) * 65536 + view.getUint16(26, true),
    mtime: fromDosTime(view.getUint16(24, true), view.getUint16(22, true)),
  };
  if (attributes & fatAttributes.volumeLabel)
    return { ...common, kind: 'label', name: raw(entry, 0, 11), size: 0 };
  const short = shortName(entry);
  if (short === '.' || short === '..') return undefined;
  const name = Buffer.from(long.text(entry) ?? short, 'utf8').toString('latin1');
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name))
    throw new DiskImageError('a name in the FAT filesystem could not be one in a path');
  if (attributes & fatAttributes.directory) return { ...common, name, kind: 'directory', size: 0 };
  return { ...common, name, kind: 'file', size: view.getUint32(28, true) };
}

function raw(entry: Uint8Array, from: number, to: number): string {
  return Buffer.from(entry.subarray(from, to)).toString('latin1').trimEnd();
}

/** Windows NT keeps two bits for names that are all small letters. */
function shortName(entry: Uint8Array): string {
  const bytes = entry.slice(0, 11);
  if (bytes[0] === escapedFree) bytes[0] = free;
  const isSmall = (bit: number) => (entry[12]! & bit) !== 0;
  const part = (from: number, to: number, bit: number) => {
    const characters = raw(bytes, from, to);
    return isSmall(bit) ? characters.toLowerCase() : characters;
  };
  const extension = part(8, 11, 0x10);
  return part(0, 8, 0x08) + (extension === '' ? '' : `.${extension}`);
}

/** Gathers the parts of a long name, of which the last comes first. */
class LongName {
  #units: number[] = [];
  #expected = -1;
  #checksum = -1;

  add(entry: Uint8Array): void {
    const number = entry[0]! & 0x1f;
    const isFirst = (entry[0]! & lastLongPart) !== 0;
    if (isFirst) {
      this.#units = [];
      this.#checksum = entry[13]!;
    } else if (number !== this.#expected || entry[13] !== this.#checksum) {
      this.#expected = -1;
      return;
    }
    const view = viewOf(entry);
    this.#units.unshift(...longUnitPlaces.map((place) => view.getUint16(place, true)));
    this.#expected = number - 1;
  }

  /** The name, when all parts were there and belong to this short entry. */
  text(entry: Uint8Array): string | undefined {
    if (this.#expected !== 0 || this.#checksum !== shortNameChecksum(entry)) return undefined;
    const end = this.#units.indexOf(0);
    return String.fromCharCode(...(end < 0 ? this.#units : this.#units.slice(0, end))).toWellFormed();
  }
}
