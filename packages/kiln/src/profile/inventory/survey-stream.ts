import { gunzipSync } from 'node:zlib';
import { KilnError } from '../../base/errors.ts';
import { decodeName } from './byte-names.ts';
import type { DigestAlgorithm, EntryKind, Search, Survey } from './survey.ts';
import { SurveyBuilder } from './survey-builder.ts';
import { surveyHeader } from './survey-script.ts';
import { tarMembers } from './tar-members.ts';

/** More than this of a compressed survey is no survey: bytes. */
const longestStream = 128 << 20;
const longestSurvey = 384 << 20;

/** Takes the lines that a script of survey-script.ts prints, and makes a survey of them. */
export class SurveyStream {
  readonly #chunks: Buffer[] = [];
  readonly #searches: readonly Search[];
  #length = 0;
  #form: { readonly packing: string; readonly coding: string } | undefined;

  /** @param searches those of the query: their names alone are in the stream */
  constructor(searches: readonly Search[]) {
    this.#searches = searches;
  }

  /** One line of the script's standard output. @throws KilnError `step-failed` when it sends more than a survey can be */
  line(line: string): void {
    if (this.#form === undefined) {
      // Shells may greet before they run anything.
      const [header, packing, coding] = line.trim().split(' ');
      if (header === surveyHeader && packing && coding) this.#form = { packing, coding };
      return;
    }
    const chunk = decodeLine(line, this.#form.coding);
    this.#length += chunk.length;
    if (this.#length > longestStream)
      throw new KilnError('step-failed', 'the machine sends more than a survey can be');
    this.#chunks.push(chunk);
  }

  /** @throws KilnError `step-failed` when the script has not come to its end */
  finish(): Survey {
    const builder = new SurveyBuilder();
    if (!this.#form || !readRecords(this.#bytes(), builder, this.#form.coding, this.#searches)) {
      throw new KilnError('step-failed', 'the script that looks at the machine did not come to its end', {
        hint: 'it needs a POSIX shell, find, stat and grep in the machine',
      });
    }
    return builder.finish();
  }

  #bytes(): Buffer {
    const all = Buffer.concat(this.#chunks);
    if (this.#form?.packing !== 'gzip') return all;
    try {
      return gunzipSync(all, { maxOutputLength: longestSurvey });
    } catch (error) {
      throw new KilnError('step-failed', 'what the machine sent of itself is damaged', { cause: error });
    }
  }
}

function decodeLine(line: string, coding: string): Buffer {
  return coding === 'hex' ? Buffer.from(line.replaceAll(' ', ''), 'hex') : Buffer.from(line, 'base64');
}

/** True when the last record was there. */
function readRecords(
  bytes: Buffer,
  builder: SurveyBuilder,
  coding: string,
  searches: readonly Search[],
): boolean {
  let at = 0;
  const field = (): Buffer => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new KilnError('step-failed', 'what the machine sent of itself is cut off');
    const value = bytes.subarray(at, end);
    at = end + 1;
    return value;
  };
  const text = () => field().toString('utf8');
  while (at < bytes.length) {
    const kind = text();
    if (kind === 'END') return true;
    if (kind === 'E') readEntry(builder, field);
    else if (kind === 'S') readStatLines(builder, field());
    else if (kind === 'L') readLink(builder, field(), field());
    else if (kind === 'D') readDigests(builder, text(), field());
    else if (kind === 'T') readArchive(builder, text(), coding);
    else if (kind === 'C') readContent(builder, decodeName(field()), text(), coding);
    else if (kind === 'M') {
      const name = text();
      readMatches(
        builder,
        searches.find((search) => search.name === name),
        text(),
      );
    } else if (kind === 'N') builder.oddName();
    else if (kind === 'B') builder.tooLarge(decodeName(field()));
    else if (kind === 'U') readUser(builder, text());
    else if (kind === 'R') builder.running({ kernel: text() });
    else if (kind === 'A') builder.running({ activeUnits: activeUnits(text()) });
    else throw new KilnError('step-failed', `what the machine sent of itself has an unknown part "${kind}"`);
  }
  return false;
}

const kinds: Readonly<Record<string, EntryKind>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  c: 'character',
  b: 'block',
  p: 'fifo',
  s: 'socket',
};

function readEntry(builder: SurveyBuilder, field: () => Buffer): void {
  const [letter, mode, uid, gid, size] = Array.from({ length: 5 }, () => field().toString('latin1'));
  const target = decodeName(field());
  const path = decodeName(field());
  const kind = kinds[letter!];
  if (!kind) return;
  builder.entry({
    path,
    kind,
    mode: Number.parseInt(mode!, 8) & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    size: kind === 'file' ? Number(size) : 0,
    ...(kind === 'symlink' ? { target } : {}),
  });
}

/** By the type bits of stat(2)'s mode. */
const typeBits: Readonly<Record<number, EntryKind>> = {
  1: 'fifo',
  2: 'character',
  4: 'directory',
  6: 'block',
  8: 'file',
  10: 'symlink',
  12: 'socket',
};

/** Lines of `stat -c '%f %u %g %s %n'`. */
function readStatLines(builder: SurveyBuilder, block: Buffer): void {
  for (const line of linesOf(block)) {
    const match = /^([0-9a-f]+) (\d+) (\d+) (\d+) (.+)$/s.exec(line);
    if (!match) continue;
    const mode = Number.parseInt(match[1]!, 16);
    const kind = typeBits[mode >> 12];
    if (!kind) continue;
    builder.entry({
      path: match[5]!,
      kind,
      mode: mode & 0o7777,
      uid: Number(match[2]),
      gid: Number(match[3]),
      size: kind === 'file' ? Number(match[4]) : 0,
      ...(kind === 'symlink' ? { target: '' } : {}),
    });
  }
}

function readLink(builder: SurveyBuilder, path: Buffer, target: Buffer): void {
  builder.link(decodeName(path), decodeName(target));
}

/** Lines of md5sum and its like: `digest  path`, with a backslash in front where backslashes in the path are doubled. */
function readDigests(builder: SurveyBuilder, program: string, block: Buffer): void {
  const algorithm = program.replace(/sum$/, '') as DigestAlgorithm;
  for (const line of linesOf(block)) {
    const match = /^(\\?)([0-9a-f]{32,64}) [ *](.+)$/s.exec(line);
    if (!match) continue;
    const path =
      match[1] === ''
        ? match[3]!
        : match[3]!.replace(/\\(.)/g, (_all, one: string) => (one === 'r' ? '\r' : one));
    builder.digest(path, algorithm, match[2]!);
  }
}

function linesOf(block: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < block.length; ) {
    const end = block.indexOf(10, at);
    const stop = end < 0 ? block.length : end;
    lines.push(decodeName(block.subarray(at, stop)));
    at = stop + 1;
  }
  return lines;
}

function readContent(builder: SurveyBuilder, path: string, code: string, coding: string): void {
  builder.content(path, decodeText(code, coding));
}

function readArchive(builder: SurveyBuilder, code: string, coding: string): void {
  for (const { path, bytes } of tarMembers(decodeText(code, coding))) builder.content(path, bytes);
}

/** Text of several lines. */
function decodeText(code: string, coding: string): Buffer {
  return coding === 'hex' ? Buffer.from(code.replace(/\s+/g, ''), 'hex') : Buffer.from(code, 'base64');
}

/** Lines of `grep -H`. Names may hold colons, but not behind one of the search's suffixes. */
function readMatches(builder: SurveyBuilder, search: Search | undefined, text: string): void {
  if (!search) return;
  const suffixes = search.suffixes.map((suffix) => suffix.replaceAll('.', '\\.')).join('|');
  const pattern = new RegExp(`^(/.*?(?:${suffixes})):(.*)$`);
  for (const line of text.split('\n')) {
    const match = pattern.exec(line);
    if (match) builder.match(search.name, { path: match[1]!, line: match[2]! });
  }
}

function readUser(builder: SurveyBuilder, uid: string): void {
  if (uid === '0') return;
  builder.gap(`it was looked at as user ${uid}, without root's rights: what only root may read is missing`);
}

/** First words of the lines of `systemctl list-units`. */
function activeUnits(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0]!)
    .filter((unit) => /^[\w@.:\\-]+\.[a-z]+$/.test(unit))
    .sort();
}
