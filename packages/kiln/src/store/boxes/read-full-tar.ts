import { KilnError } from '../../base/errors.ts';
import { ByteReader } from '../byte-reader.ts';
import { tarChecksum, tarNumber, tarString } from '../tar-fields.ts';
import type { ArchiveMember, ContentPiece } from './archive-member.ts';
import { parsePaxRecords, paxMap, readMapBeforeData } from './pax-records.ts';
import { checkedMap, type SparseMap } from './sparse-map.ts';

/*
 * Tar as boxes come in: ustar, pax and GNU's formats, with long names and with the sparse files that GNU tar and
 * bsdtar write (GNU tar manual, "Sparse Formats"). What is held in memory is bounded whatever an archive claims.
 */
const blockSize = 512;
/** Of a long name or of pax records. */
const largestNote = 1 << 20;

const kinds: Readonly<Record<string, ArchiveMember['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'pipe',
};

/** @throws KilnError `file-unsafe` for damaged and cut off archives */
export async function* readFullTar(
  chunks: AsyncIterable<Buffer>,
  archive: string,
): AsyncGenerator<ArchiveMember> {
  const damaged = (why: string) => damagedArchive(archive, why);
  const reader = new ByteReader(chunks, () => damaged('it is cut off'));
  let longName: string | undefined;
  let longTarget: string | undefined;
  let records: ReadonlyMap<string, string> = new Map();
  let sparse: readonly (readonly [string, string])[] = [];
  for (let first = true; ; first = false) {
    if (await reader.isAtEnd()) {
      if (first) throw damaged('it is empty');
      return;
    }
    const header = await reader.read(blockSize);
    if (header.every((byte) => byte === 0)) return;
    if (tarNumber(header, 148, 8) !== tarChecksum(header))
      throw damaged(first ? 'it is neither tar, tar.gz nor zip' : 'a header has a wrong checksum');
    const type = String.fromCharCode(header[156]!);
    const stored = numberOr(tarNumber(header, 124, 12), () => damaged('a member has an impossible size'));
    if ('LKxgX'.includes(type)) {
      if (stored > largestNote) throw damaged('a name or note in it is too large');
      const note = await reader.read(stored);
      await reader.read(padding(stored));
      if (type === 'L') longName = tarString(note, 0, note.length);
      else if (type === 'K') longTarget = tarString(note, 0, note.length);
      else if (type !== 'g') [records, sparse] = parsePaxRecords(note, damaged);
      continue;
    }
    const length = numberOr(sizeIn(records, 'size') ?? stored, () =>
      damaged('a member has an impossible size'),
    );
    let left = length;
    const take = async (count: number) => {
      if (count > left) throw damaged('a sparse file is larger than what is stored of it');
      left -= count;
      return reader.read(count);
    };
    let map: SparseMap | undefined;
    if (type === 'S') map = await oldGnuMap(header, reader, damaged);
    else if (records.get('GNU.sparse.major') === '1') map = await readMapBeforeData(records, take, damaged);
    else map = paxMap(records, sparse, damaged);
    if (map) checkedMap(map, left, damaged);
    const kind = kinds[type] ?? 'special member';
    const target = longTarget ?? records.get('linkpath') ?? tarString(header, 157, 100);
    const rest = { count: left };
    const content = pieces(reader, map, rest);
    yield {
      kind,
      name: records.get('GNU.sparse.name') ?? records.get('path') ?? longName ?? nameIn(header),
      size: kind === 'file' ? (map?.size ?? left) : 0,
      mode: tarNumber(header, 100, 8) ?? 0o644,
      ...(kind.endsWith('link') && { target }),
      content,
    };
    // Whoever did not want the content leaves it here.
    for await (const _piece of content);
    for await (const _part of reader.stream(rest.count));
    await reader.read(padding(length));
    [longName, longTarget, records, sparse] = [undefined, undefined, new Map(), []];
  }
}

async function* pieces(
  reader: ByteReader,
  map: SparseMap | undefined,
  rest: { count: number },
): AsyncGenerator<ContentPiece> {
  for (const [start, length] of map?.areas ?? [[0, rest.count] as const]) {
    let position = start;
    for await (const bytes of reader.stream(length)) {
      rest.count -= bytes.length;
      yield { position, bytes };
      position += bytes.length;
    }
  }
}

/** In the header and in blocks that follow it, each with how many there are. */
async function oldGnuMap(
  header: Buffer,
  reader: ByteReader,
  damaged: (why: string) => KilnError,
): Promise<SparseMap> {
  const areas: (readonly [number, number])[] = [];
  const impossible = () => damaged('a sparse file has an impossible map');
  const takeAreas = (block: Buffer, at: number, count: number) => {
    for (let index = 0; index < count; index++) {
      const entry = at + index * 24;
      if (block[entry] === 0) return;
      areas.push([
        numberOr(tarNumber(block, entry, 12), impossible),
        numberOr(tarNumber(block, entry + 12, 12), impossible),
      ]);
    }
  };
  takeAreas(header, 386, 4);
  for (let more = header[482] !== 0; more; ) {
    if (areas.length > 4_000_000) throw impossible();
    const block = await reader.read(blockSize);
    takeAreas(block, 0, 21);
    more = block[504] !== 0;
  }
  return { size: numberOr(tarNumber(header, 483, 12), impossible), areas };
}

function nameIn(header: Buffer): string {
  // GNU's own format has other things where ustar has the beginning of long names.
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? tarString(header, 345, 155) : '';
  return `${prefix ? `${prefix}/` : ''}${tarString(header, 0, 100)}`;
}

function sizeIn(records: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = records.get(name);
  return text === undefined ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : -1;
}

function numberOr(value: number | undefined, otherwise: () => KilnError): number {
  if (value === undefined || value < 0) throw otherwise();
  return value;
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

export function damagedArchive(archive: string, why: string): KilnError {
  return new KilnError('file-unsafe', `${archive} is no sound box: ${why}`, {
    hint: 'get the box again from where it came',
  });
}
