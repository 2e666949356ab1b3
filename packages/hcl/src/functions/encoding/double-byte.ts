import type { Charset } from './charsets.ts';

/** The bytes of each character that a set has in up to three bytes. */
const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

/**
 * A character set of East Asia that writes characters as one byte or several. There are decoders of them in Node; what
 * they know, turned around, encodes: https://encoding.spec.whatwg.org/#legacy-multi-byte-chinese-(simplified)-encodings
 */
export function doubleByteCharset(name: string): Charset {
  const decoder = new TextDecoder(name, { fatal: true });
  const decode = (bytes: Uint8Array) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  return {
    decode,
    encode: (text) => {
      const table = tables.get(name) ?? buildTable(name, decode);
      tables.set(name, table);
      const bytes: number[] = [];
      for (const character of text) {
        const encoded = table.get(character) ?? fourBytes(name, character);
        if (!encoded) return undefined;
        bytes.push(...encoded);
      }
      return Buffer.from(bytes);
    },
  };
}

type Decode = (bytes: Uint8Array) => string | undefined;

function buildTable(name: string, decode: Decode): ReadonlyMap<string, readonly number[]> {
  const table = new Map<string, readonly number[]>();
  const add = (...bytes: number[]) => {
    const character = decode(Uint8Array.from(bytes));
    if (character === undefined || [...character].length !== 1) return;
    // Of several places for a character the first one counts, but for a few of Big5.
    if (!table.has(character) || (name === 'big5' && lastOfBig5.has(character))) table.set(character, bytes);
  };
  for (let byte = 0; byte < 0x100; byte++) if (byte < 0x80 || name !== 'euc-jp') add(byte);
  for (const lead of leads(name)) for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail);
  if (name === 'euc-jp') {
    for (let lead = 0xa1; lead < 0xff; lead++)
      for (let trail = 0xa1; trail < 0xff; trail++) add(0x8f, lead, trail);
  }
  if (name === 'gb18030') addFourBytes(add);
  return table;
}

const lastOfBig5 = new Set('═╞╡╪十卅');

/** First bytes of two, without those of duplicates that are only read, never written. */
function leads(name: string): readonly number[] {
  const [first, last] = name === 'big5' ? [0xa1, 0xf9] : name === 'euc-jp' ? [0x8e, 0xfe] : [0x81, 0xfe];
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  if (name === 'shift_jis') return all.filter((lead) => lead !== 0xed && lead !== 0xee && lead <= 0xfc);
  return name === 'euc-jp' ? all.filter((lead) => lead === 0x8e || lead >= 0xa1) : all;
}

/** What GB 18030 has of the basic plane beyond two bytes. */
function addFourBytes(add: (...bytes: number[]) => void): void {
  for (let pointer = 0; pointer < 39_420; pointer++) add(...fourBytesOf(pointer));
}

/** Characters of the higher planes follow from their numbers in GB 18030. */
function fourBytes(name: string, character: string): readonly number[] | undefined {
  const code = character.codePointAt(0)!;
  return name === 'gb18030' && code > 0xffff ? fourBytesOf(189_000 + code - 0x10000) : undefined;
}

function fourBytesOf(pointer: number): readonly number[] {
  return [
    0x81 + Math.floor(pointer / 12_600),
    0x30 + (Math.floor(pointer / 1260) % 10),
    0x81 + (Math.floor(pointer / 10) % 126),
    0x30 + (pointer % 10),
  ];
}
