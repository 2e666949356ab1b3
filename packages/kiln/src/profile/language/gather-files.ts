import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { isSystemError, messageOf, type SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import { isUnreadable } from './local-files.ts';
import { parseProfile } from './parse-profile.ts';
import { type Base, type ProfileFile, readBases } from './profile-files.ts';
import type { BaseReference, FoundBase, ProfileSource } from './profile-reading.ts';

/** Longer chains and wider trees are a mistake. */
const mostFiles = 100;

export interface GatheredFiles {
  /** Each file after everything that it extends; the profile itself comes last. */
  readonly files: readonly ProfileFile[];
  readonly missing: readonly BaseReference[];
}

export interface GatherContext {
  readonly problems: Problems;
  readonly bases: ReadonlyMap<string, FoundBase>;
  /** Takes what was read, by path, URL or name. */
  readonly noted: Map<string, ProfileSource>;
}

/**
 * Finds everything that a profile extends. A file that is reached on several ways counts once, where it is reached
 * first; one that extends itself is reported.
 */
export function gatherFiles(start: ProfileFile, context: GatherContext): GatheredFiles {
  const files: ProfileFile[] = [];
  const missing = new Map<string, BaseReference>();
  const done = new Set<string>();
  const visit = (file: ProfileFile, chain: readonly ProfileFile[]) => {
    const below = [...chain, file];
    for (const link of readBases(file, context.problems)) {
      const circle = below.findIndex((one) => one.key === keyOf(link, file));
      if (circle >= 0) {
        reportCircle(link, below.slice(circle), context.problems);
        continue;
      }
      if (done.size >= mostFiles) {
        context.problems.error(
          link.at,
          `the profile consists of more than ${mostFiles} files`,
          'put some of them together',
        );
        return;
      }
      const key = keyOf(link, file);
      if (done.has(key)) continue;
      done.add(key);
      const base = openBase(link, file, context, missing);
      if (base) visit(base, below);
    }
    files.push(file);
  };
  visit(start, []);
  return { files, missing: [...missing.values()] };
}

function keyOf({ base }: Base, from: ProfileFile): string {
  return base.kind === 'file' ? identity(absolutePath(base.path, from)) : base.key;
}

/** A file is the same by whichever link it is reached. */
export function identity(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function absolutePath(path: string, from: ProfileFile): string {
  return isAbsolute(path) ? path : resolve(from.folder ?? '/', path);
}

function reportCircle({ at }: Base, circle: readonly ProfileFile[], problems: Problems): void {
  const names = [...circle, circle[0]!].map(({ shown }) => shown);
  problems.error(
    at,
    circle.length === 1
      ? `${names[0]} extends itself`
      : `files extend each other in a circle: ${names.join(' → ')}`,
    'take one of these "extends" out, or move what both need into a third file',
  );
}

function openBase(
  link: Base,
  from: ProfileFile,
  context: GatherContext,
  missing: Map<string, BaseReference>,
): ProfileFile | undefined {
  const { base, at } = link;
  if (base.kind === 'file') return openLocal(base.path, at, from, context);
  const found = context.bases.get(base.key);
  if (!found) {
    missing.set(base.key, base);
    return undefined;
  }
  if ('problem' in found) {
    context.problems.error(at, found.problem, found.hint ?? 'check the name, or take it out of "extends"');
    return undefined;
  }
  const digest = createHash('sha256').update(found.text).digest('hex');
  context.noted.set(
    base.key,
    base.kind === 'url'
      ? { kind: 'url', url: base.name, digest }
      : { kind: 'store', reference: base.name, digest },
  );
  const shown = base.kind === 'url' ? base.name : base.key;
  return parseProfile({ shown, key: base.key, folder: undefined, text: found.text }, context.problems);
}

function openLocal(
  path: string,
  at: SourceLocation,
  from: ProfileFile,
  { problems, noted }: GatherContext,
): ProfileFile | undefined {
  if (from.folder === undefined) {
    problems.error(
      at,
      `"${path}" is a local file, and ${from.shown} did not come from a local folder`,
      'it can only extend store:name:tag and URLs with digests',
    );
    return undefined;
  }
  const absolute = absolutePath(path, from);
  const shown = isAbsolute(path) ? path : join(dirname(from.shown), path);
  try {
    const bytes = readFileSync(absolute);
    noted.set(absolute, {
      kind: 'file',
      path: absolute,
      digest: createHash('sha256').update(bytes).digest('hex'),
    });
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    return parseProfile({ shown, key: identity(absolute), folder: dirname(absolute), text }, problems);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const isMissing = isSystemError(error, 'ENOENT', 'ENOTDIR');
    problems.error(
      at,
      isMissing
        ? `there is no file "${path}" in ${from.folder}`
        : `"${path}" cannot be read: ${messageOf(error)}`,
      isMissing
        ? (didYouMean(basename(path), namesBeside(absolute)) ??
            'paths start in the folder of the file that names them')
        : 'name a file that can be read',
    );
    return undefined;
  }
}

function namesBeside(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}
