import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SourceLocation } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { Checksum, ImageRef } from '../../plan/image-ref.ts';
import { fromFolder } from './notations.ts';
import type { Problems } from './problems.ts';

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

function readNamedReference(from: string, { problems, at }: ReferenceContext): ImageRef | undefined {
  const [first, release, ...more] = from.split('/');
  const distribution = distributions.find((name) => name === first);
  if (distribution && release && more.length === 0) {
    return { kind: 'distribution', distribution, release };
  }
  if (distributions.some((name) => name === from)) {
    problems.error(at, `"${from}" names no release`, `write "${from}/12" or the like`);
    return undefined;
  }
  if (/^(?:sha256:[0-9a-f]{6,64}|[a-z0-9][a-z0-9._-]*(?::\w[\w.-]*)?)$/.test(from)) {
    if (/\.(?:qcow2|img|raw|vmdk|vhdx?|vdi|iso)$/.test(from)) {
      problems.error(at, `"${from}" looks like a file`, `write "./${from}"`);
      return undefined;
    }
    return { kind: 'store', reference: from };
  }
  const guess = nearest(first ?? '', distributions);
  problems.error(
    at,
    `"${from}" is nothing that an image can start from`,
    guess !== undefined && release !== undefined
      ? `did you mean "${guess}/${release}"?`
      : 'expected debian/12, ./disk.qcow2, https://… or the name of an image in the store',
  );
  return undefined;
}

/** Hex digits of a digest tell its algorithm. */
const algorithms = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' } as const;

function readChecksum(text: string, at: SourceLocation, context: ReferenceContext): Checksum | undefined {
  if (text === 'none') return { kind: 'none' };
  const file = /^file:(.+)$/.exec(text)?.[1];
  if (file !== undefined) {
    const location = /^https?:\/\//i.test(file) ? file : fromFolder(context.folder, file);
    return { kind: 'from', location };
  }
  const match = /^(?:(md5|sha1|sha256|sha512):)?([0-9a-f]+)$/i.exec(text);
  const algorithm = match && algorithms[match[2]!.length as keyof typeof algorithms];
  if (match && algorithm && (match[1] === undefined || match[1].toLowerCase() === algorithm)) {
    return { kind: 'digest', algorithm, hex: match[2]!.toLowerCase() };
  }
  context.problems.error(
    at,
    match?.[1]
      ? `a ${match[1].toLowerCase()} has not ${match[2]!.length} digits`
      : `"${text}" is not a checksum`,
    'expected sha256:… with 64 digits, file:URL of a checksum file, or none',
  );
  return undefined;
}
