import type { KilnError } from '../../base/errors.ts';
import type { SparseMap } from './sparse-map.ts';

type Damaged = (why: string) => KilnError;
type Pair = readonly [name: string, value: string];

/** Records of a pax header (`length name=value`), and apart from them those that say where a sparse file has data. */
export function parsePaxRecords(
  note: Buffer,
  damaged: Damaged,
): [ReadonlyMap<string, string>, readonly Pair[]] {
  const records = new Map<string, string>();
  const areas: Pair[] = [];
  for (let at = 0; at < note.length && note[at] !== 0; ) {
    const blank = note.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(note.toString('latin1', at, blank));
    const equals = note.indexOf(0x3d, blank);
    if (!(length > 0) || at + length > note.length || equals < 0 || equals >= at + length)
      throw damaged('it has a malformed pax header');
    const name = note.toString('utf8', blank + 1, equals);
    const value = note.toString('utf8', equals + 1, at + length - 1);
    if (name === 'GNU.sparse.offset' || name === 'GNU.sparse.numbytes') areas.push([name, value]);
    else records.set(name, value);
    at += length;
  }
  return [records, areas];
}

/** The map of a sparse file in the formats 0.0 and 0.1, which have it in the records. */
export function paxMap(
  records: ReadonlyMap<string, string>,
  pairs: readonly Pair[],
  damaged: Damaged,
): SparseMap | undefined {
  const size = records.get('GNU.sparse.size');
  if (size === undefined) return undefined;
  const numbers = records.get('GNU.sparse.map')?.split(',') ?? pairs.map(([, value]) => value);
  return {
    size: decimal(size, damaged),
    areas: inPairs(
      numbers.map((text) => decimal(text, damaged)),
      damaged,
    ),
  };
}

/** That of format 1.0, which has it in front of the data, one number a line, up to the end of a block. */
export async function readMapBeforeData(
  records: ReadonlyMap<string, string>,
  take: (length: number) => Promise<Buffer>,
  damaged: Damaged,
): Promise<SparseMap> {
  const numbers: number[] = [];
  let rest = '';
  let wanted = 1;
  while (numbers.length < wanted) {
    const lines = (rest + (await take(512)).toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines)
      if (numbers.length < wanted) {
        numbers.push(decimal(line, damaged));
        if (numbers.length === 1) wanted = 1 + numbers[0]! * 2;
        if (wanted > 8_000_000) throw damaged('a sparse file has an impossible map');
      }
    if (numbers.length < wanted && rest.length > 32) throw damaged('a sparse file has an impossible map');
  }
  const size = records.get('GNU.sparse.realsize') ?? records.get('GNU.sparse.size') ?? '';
  return { size: decimal(size, damaged), areas: inPairs(numbers.slice(1), damaged) };
}

function inPairs(numbers: readonly number[], damaged: Damaged): (readonly [number, number])[] {
  if (numbers.length % 2 !== 0) throw damaged('a sparse file has an impossible map');
  return Array.from({ length: numbers.length / 2 }, (_, index) => [
    numbers[index * 2]!,
    numbers[index * 2 + 1]!,
  ]);
}

function decimal(text: string, damaged: Damaged): number {
  if (!/^\d{1,15}$/.test(text)) throw damaged('a sparse file has an impossible map');
  return Number(text);
}
