import { dirname, join, relative, sep } from 'node:path';
import type { FileHost } from '../host.ts';
import { checkItemCount } from '../support/limits.ts';
import { type GlobStep, parseGlob } from './glob.ts';

export { GlobError } from './glob.ts';

/** Folders can lead to themselves through symbolic links. */
const maxDepth = 64;

/**
 * The paths, relative to the folder and with forward slashes, of all files there that match the pattern.
 * @throws GlobError
 */
export function findFiles(files: FileHost, folder: string, pattern: string): readonly string[] {
  const found = new Set<string>();
  for (const steps of parseGlob(pattern)) walk({ files, folder, found }, folder, steps, 0);
  return [...found];
}

interface Search {
  readonly files: FileHost;
  readonly folder: string;
  readonly found: Set<string>;
}

function walk(search: Search, at: string, steps: readonly GlobStep[], depth: number): void {
  const [step, ...rest] = steps;
  if (step === undefined || depth > maxDepth) return;
  if (step.kind === 'parent') {
    walk(search, dirname(at), rest, depth + 1);
    return;
  }
  if (step.kind === 'any folders') {
    walkFolders(search, at, rest, depth);
    return;
  }
  const names =
    step.kind === 'name' ? [step.name] : search.files.list(at).filter((name) => step.matches(name));
  for (const name of names) {
    const path = join(at, name);
    const kind = kindOf(search, path);
    if (rest.length > 0 && kind === 'folder') walk(search, path, rest, depth + 1);
    if (rest.length === 0 && kind === 'file') add(search, path);
  }
}

/** Continues here and in all folders below; at the end of the pattern all files there match. */
function walkFolders(search: Search, at: string, rest: readonly GlobStep[], depth: number): void {
  if (depth > maxDepth) return;
  if (rest.length > 0) walk(search, at, rest, depth);
  for (const name of search.files.list(at)) {
    const path = join(at, name);
    const kind = kindOf(search, path);
    if (kind === 'folder') walkFolders(search, path, rest, depth + 1);
    else if (kind === 'file' && rest.length === 0) add(search, path);
  }
}

function add({ found, folder }: Search, path: string): void {
  found.add(relative(folder, path).split(sep).join('/'));
  checkItemCount(found.size);
}

function kindOf({ files }: Search, path: string): ReturnType<FileHost['kind']> {
  try {
    return files.kind(path);
  } catch {
    return undefined;
  }
}
