import { homedir } from 'node:os';
import { join } from 'node:path';
import { KilnError, type SourceLocation } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { fromFolder } from '../../base/yaml/notations.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import { parseChecksum } from '../../plan/checksum.ts';
import type { BoxImage, Checksum, ImageRef } from '../../plan/image-ref.ts';
import { findRelease } from '../../sources/bootstrap/release.ts';
import { parseImageReference } from '../../store/image-reference.ts';

const distributions = ['debian', 'ubuntu'] as const;

interface ReferenceContext {
  readonly folder: string;
  readonly problems: Problems;
  readonly at: SourceLocation;
}

/** What `from:` names, with its checksum. Undefined when it is nothing; `problems` says why. */
export function readImageReference(
  from: string,
  checksum: { readonly text: string; readonly at: SourceLocation } | undefined,
  context: ReferenceContext,
): ImageRef | undefined {
  const { problems, at, folder } = context;
  const sum = checksum && readChecksum(checksum.text, checksum.at, context);
  const box = /^box:(.+)$/s.exec(from)?.[1];
  if (box !== undefined) return sum || !checksum ? boxReference(box, sum, folder) : undefined;
  if (/^https?:\/\//i.test(from)) {
    if (!URL.canParse(from)) {
      problems.error(at, `"${from}" is not a URL`);
      return undefined;
    }
    if (!checksum) {
      problems.error(
        at,
        'an image from a URL needs a checksum',
        'add "checksum: sha256:…" beside it, or "checksum: none" to take whatever comes',
      );
    }
    return sum && { kind: 'url', urls: [from], checksum: sum };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) {
    problems.error(at, `"${from}" is not a kind of URL that Kiln fetches`, 'use http:// or https://');
    return undefined;
  }
  if (/^(?:\.{0,2}\/|~\/)/.test(from) || from === '.') {
    const path = from.startsWith('~/') ? join(homedir(), from.slice(2)) : fromFolder(folder, from);
    return { kind: 'file', path, ...(sum && { checksum: sum }) };
  }
  if (checksum) {
    problems.error(checksum.at, 'a checksum belongs to a file or a URL', `"${from}" has none; remove it`);
  }
  return readNamedReference(from, context);
}

/** `NAME`, `NAME@CONSTRAINTS`, or the URL or path of a box or its catalogue. */
function boxReference(text: string, checksum: Checksum | undefined, folder: string): BoxImage {
  const isPath = /^(?:\.{0,2}\/|~\/)/.test(text);
  const isAddress = isPath || /^[a-z][a-z0-9+.-]*:/i.test(text);
  const [, name = text, version] = isAddress ? [] : (/^([^@]+)@(.+)$/s.exec(text) ?? []);
  return {
    kind: 'box',
    name: isPath ? (text.startsWith('~/') ? join(homedir(), text.slice(2)) : fromFolder(folder, text)) : name,
    ...(version !== undefined && { version }),
    providers: [],
    architecture: 'auto',
    urls: [],
    ...(checksum && { checksum }),
    checkForUpdates: true,
    download: {},
  };
}

function readNamedReference(from: string, { problems, at }: ReferenceContext): ImageRef | undefined {
  const [first, release, ...more] = from.split('/');
  const distribution = distributions.find((name) => name === first);
  if (distribution && release && more.length === 0) {
    if (!isKnown(() => findRelease(distribution, release), at, problems)) return undefined;
    return { kind: 'distribution', distribution, release };
  }
  if (distributions.some((name) => name === from)) {
    problems.error(at, `"${from}" names no release`, `write "${from}/12" or the like`);
    return undefined;
  }
  if (/^[^/:]+\.(?:qcow2|img|raw|vmdk|vhdx?|vdi|iso)$/i.test(from)) {
    problems.error(at, `"${from}" looks like a file`, `write "./${from}"`);
    return undefined;
  }
  const guess = release === undefined ? undefined : nearest(first ?? '', distributions);
  if (guess !== undefined) {
    problems.error(at, `there is no distribution "${first}"`, `did you mean "${guess}/${release}"?`);
    return undefined;
  }
  try {
    parseImageReference(from);
    return { kind: 'store', reference: from };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    problems.error(
      at,
      `"${from}" is nothing that an image can start from`,
      'expected debian/12, ./disk.qcow2, https://…, box:debian/bookworm64 or the name of an image in the store',
    );
    return undefined;
  }
}

/** Whether looking something up succeeds; when not, its error is a mistake of the file. */
function isKnown(look: () => unknown, at: SourceLocation, problems: Problems): boolean {
  try {
    look();
    return true;
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    problems.error(at, error.message, error.hint);
    return false;
  }
}

function readChecksum(text: string, at: SourceLocation, context: ReferenceContext): Checksum | undefined {
  try {
    const checksum = parseChecksum(text);
    if (checksum.kind !== 'from' || /^https?:\/\//i.test(checksum.location)) return checksum;
    return { kind: 'from', location: fromFolder(context.folder, checksum.location) };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    context.problems.error(at, error.message, error.hint);
    return undefined;
  }
}
