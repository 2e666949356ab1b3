import { doubleByteCharset } from './double-byte.ts';

/** A way to write texts as bytes. */
export interface Charset {
  /** Undefined when it has no bytes for some character. */
  encode(text: string): Buffer | undefined;
  /** Undefined when some bytes stand for nothing. */
  decode(bytes: Buffer): string | undefined;
}

/**
 * Names of the character sets known here, each with other names for it, all in lower case. They are those that Node
 * can decode, which are the web's. Of the ones that Packer knows these are missing: code pages of DOS and of mainframes
 * other than 866 (IBM037, IBM437, IBM850 and so on), ISO-2022-JP and HZ-GB-2312.
 */
const names: Readonly<Record<string, string>> = {
  'utf-8': 'utf8 csutf8',
  'utf-16': 'csutf16',
  'utf-16be': 'csutf16be',
  'utf-16le': 'csutf16le',
  'us-ascii':
    'ascii iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii',
  'iso-8859-1': 'iso_8859-1 iso_8859-1:1987 iso-ir-100 latin1 l1 ibm819 cp819 csisolatin1',
  'iso-8859-2': 'iso_8859-2 iso_8859-2:1987 iso-ir-101 latin2 l2 csisolatin2',
  'iso-8859-3': 'iso_8859-3 iso_8859-3:1988 iso-ir-109 latin3 l3 csisolatin3',
  'iso-8859-4': 'iso_8859-4 iso_8859-4:1988 iso-ir-110 latin4 l4 csisolatin4',
  'iso-8859-5': 'iso_8859-5 iso_8859-5:1988 iso-ir-144 cyrillic csisolatincyrillic',
  'iso-8859-6': 'iso_8859-6 iso_8859-6:1987 iso-ir-127 ecma-114 asmo-708 arabic csisolatinarabic',
  'iso-8859-7': 'iso_8859-7 iso_8859-7:1987 iso-ir-126 elot_928 ecma-118 greek greek8 csisolatingreek',
  'iso-8859-8': 'iso_8859-8 iso_8859-8:1988 iso-ir-138 hebrew csisolatinhebrew',
  'iso-8859-9': 'iso_8859-9 iso_8859-9:1989 iso-ir-148 latin5 l5 csisolatin5',
  'iso-8859-10': 'iso-ir-157 l6 iso_8859-10:1992 csisolatin6 latin6',
  'iso-8859-13': 'csiso885913',
  'iso-8859-14': 'iso-ir-199 iso_8859-14:1998 iso_8859-14 latin8 iso-celtic l8 csiso885914',
  'iso-8859-15': 'iso_8859-15 latin-9 csiso885915',
  'iso-8859-16': 'iso-ir-226 iso_8859-16:2001 iso_8859-16 latin10 l10 csiso885916',
  'koi8-r': 'cskoi8r',
  'koi8-u': 'cskoi8u',
  ibm866: 'cp866 866 csibm866',
  macintosh: 'mac csmacintosh',
  'windows-874': 'cswindows874',
  'windows-1250': 'cswindows1250',
  'windows-1251': 'cswindows1251',
  'windows-1252': 'cswindows1252',
  'windows-1253': 'cswindows1253',
  'windows-1254': 'cswindows1254',
  'windows-1255': 'cswindows1255',
  'windows-1256': 'cswindows1256',
  'windows-1257': 'cswindows1257',
  'windows-1258': 'cswindows1258',
  shift_jis: 'ms_kanji csshiftjis',
  'euc-jp': 'extended_unix_code_packed_format_for_japanese cseucpkdfmtjapanese',
  'euc-kr': 'cseuckr',
  big5: 'csbig5',
  gbk: 'cp936 ms936 windows-936 csgbk',
  gb18030: 'csgb18030',
};

const byName: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([name, others]) =>
    [name, ...others.split(' ')].map((alias) => [alias, name]),
  ),
);

/** The names of all character sets. */
export const charsetNames: readonly string[] = Object.keys(names);

const doubleByte: ReadonlySet<string> = new Set(['shift_jis', 'euc-jp', 'euc-kr', 'big5', 'gbk', 'gb18030']);

/** The character set of a name registered with IANA (https://www.iana.org/assignments/character-sets), or undefined. */
export function charset(name: string): Charset | undefined {
  const known = byName.get(name.toLowerCase());
  if (known === undefined) return undefined;
  if (known.startsWith('utf-16')) return utf16(known);
  if (known === 'utf-8') return { encode: (text) => Buffer.from(text, 'utf8'), decode: decoderOf('utf-8') };
  return doubleByte.has(known) ? doubleByteCharset(known) : singleByte(known);
}

function decoderOf(label: string): (bytes: Buffer) => string | undefined {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
}

/** Without an order in the name it is told by a mark at the start, which is written, or else the higher byte is first. */
function utf16(name: string): Charset {
  const [little, big] = [decoderOf('utf-16le'), decoderOf('utf-16be')];
  if (name === 'utf-16le') return { encode: (text) => Buffer.from(text, 'utf16le'), decode: little };
  const encodeBig = (text: string) => Buffer.from(text, 'utf16le').swap16();
  if (name === 'utf-16be') return { encode: encodeBig, decode: big };
  return {
    encode: (text) => encodeBig(`\ufeff${text}`),
    decode: (bytes) => {
      if (bytes[0] === 0xff && bytes[1] === 0xfe) return little(bytes.subarray(2));
      return big(bytes[0] === 0xfe && bytes[1] === 0xff ? bytes.subarray(2) : bytes);
    },
  };
}

function singleByte(name: string): Charset {
  const characters = characterTable(name);
  const bytes = new Map(characters.map((character, byte) => [character, byte] as const));
  bytes.delete(undefined);
  return {
    encode: (text) => {
      const encoded = [...text].map((character) => bytes.get(character));
      return encoded.includes(undefined) ? undefined : Buffer.from(encoded as number[]);
    },
    decode: (data) => {
      const decoded = [...data].map((byte) => characters[byte]);
      return decoded.includes(undefined) ? undefined : decoded.join('');
    },
  };
}

/** The character of each byte. */
function characterTable(name: string): (string | undefined)[] {
  // On the web some names of ISO stand for Windows's sets, so these two must do without the decoder.
  const isLatin1 = name === 'iso-8859-1' || name === 'us-ascii';
  const decode = isLatin1 ? undefined : decoderOf(name === 'iso-8859-9' ? 'windows-1254' : name);
  return Array.from({ length: 256 }, (_, byte) => {
    if (name === 'us-ascii' && byte >= 0x80) return undefined;
    // Sets of ISO have control characters here.
    const isControl = byte < 0x80 || (name.startsWith('iso-') && byte < 0xa0);
    return isControl || isLatin1 ? String.fromCharCode(byte) : decode!(Buffer.of(byte));
  });
}
