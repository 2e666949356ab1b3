/** Tags of RPM headers that are read here: rpm's tag list (rpm.org, "RPM Tags"). */
export const rpmTags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  url: 1020,
  arch: 1022,
  oldFileNames: 1027,
  fileDigests: 1035,
  fileFlags: 1037,
  sourceRpm: 1044,
  provideName: 1047,
  requireName: 1049,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  fileDigestAlgorithm: 5011,
} as const;

/** The values of one header by tag. Texts have one character a byte. */
export interface RpmHeader {
  text(tag: number): string | undefined;
  texts(tag: number): readonly string[];
  numbers(tag: number): readonly number[];
}

const entrySize = 16;
const types = { int16: 3, int32: 4, string: 6, stringArray: 8, i18nString: 9 } as const;

/**
 * Reads a header as the database has it: two counts, an index of 16 bytes an entry, and the values. Format: "RPM
 * Package Format: header" (rpm.org). Undefined for what cannot be one.
 */
export function parseRpmHeader(blob: Uint8Array): RpmHeader | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length < 8) return undefined;
  const entries = bytes.readUInt32BE(0);
  const start = 8 + entries * entrySize;
  if (start + bytes.readUInt32BE(4) > bytes.length) return undefined;
  const data = bytes.subarray(start, start + bytes.readUInt32BE(4));
  const index = new Map<number, Entry>();
  for (let at = 8; at < start; at += entrySize) {
    const [type, offset, count] = [4, 8, 12].map((more) => bytes.readUInt32BE(at + more)) as [
      number,
      number,
      number,
    ];
    if (offset <= data.length && count <= data.length)
      index.set(bytes.readUInt32BE(at), { type, offset, count });
  }
  const texts = (tag: number) => readTexts(data, index.get(tag));
  return { texts, text: (tag) => texts(tag)[0], numbers: (tag) => readNumbers(data, index.get(tag)) };
}

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

function readTexts(data: Buffer, entry: Entry | undefined): string[] {
  if (!entry || ![types.string, types.stringArray, types.i18nString].includes(entry.type as 6)) return [];
  const found: string[] = [];
  for (let at = entry.offset; found.length < entry.count; ) {
    const end = data.indexOf(0, at);
    if (end < 0) break;
    found.push(data.toString('latin1', at, end));
    at = end + 1;
  }
  return found;
}

function readNumbers(data: Buffer, entry: Entry | undefined): number[] {
  const size = entry?.type === types.int32 ? 4 : entry?.type === types.int16 ? 2 : 0;
  if (!entry || size === 0) return [];
  const count = Math.min(entry.count, Math.floor((data.length - entry.offset) / size));
  return Array.from({ length: count }, (_, at) => data.readUIntBE(entry.offset + at * size, size));
}
