import { hash } from 'node:crypto';
import { pathText } from '../system/path-names.ts';
import type { SystemEntry, SystemFiles } from '../system/system-files.ts';

/** A file that is not the same in two systems. */
export interface FileDifference {
  /** Absolute. */
  readonly path: string;
  /** `only in the first`, `content`, `mode`, … */
  readonly what: readonly string[];
}

/** What differs by file, in the order of their paths. Contents are read where everything else is the same. */
export async function compareSystems(
  first: SystemFiles,
  second: SystemFiles,
  [firstName, secondName]: readonly [string, string],
): Promise<FileDifference[]> {
  const differences: FileDifference[] = [];
  const paths = new Set([...first.entries.keys(), ...second.entries.keys()]);
  for (const path of [...paths].sort()) {
    const [a, b] = [first.entries.get(path), second.entries.get(path)];
    const what = !a
      ? [`only ${secondName}`]
      : !b
        ? [`only ${firstName}`]
        : await differencesOf(path, [first, a], [second, b]);
    if (what.length > 0) differences.push({ path: `/${pathText(path)}`, what });
  }
  return differences;
}

type Side = readonly [files: SystemFiles, entry: SystemEntry];

async function differencesOf(path: string, [aFiles, a]: Side, [bFiles, b]: Side): Promise<string[]> {
  if (a.kind !== b.kind) return [`${a.kind} and ${b.kind}`];
  if (a.kind === 'link' || b.kind === 'link')
    return a.kind === 'link' && b.kind === 'link' && a.to !== b.to ? ['other names'] : [];
  const what: string[] = [];
  if (a.mode !== b.mode) what.push(`mode ${octal(a.mode)} and ${octal(b.mode)}`);
  if (a.uid !== b.uid || a.gid !== b.gid) what.push(`owner ${a.uid}:${a.gid} and ${b.uid}:${b.gid}`);
  if (a.mtime !== b.mtime) what.push(`time ${timeOf(a.mtime)} and ${timeOf(b.mtime)}`);
  if (a.kind === 'symlink' && b.kind === 'symlink' && a.target !== b.target) what.push('target');
  if (a.kind === 'file' && b.kind === 'file') {
    if (a.size !== b.size) what.push(`size ${a.size} and ${b.size}`);
    else if (hash('sha256', await aFiles.read(path)) !== hash('sha256', await bFiles.read(path)))
      what.push('content');
  }
  if ((a.kind === 'character' || a.kind === 'block') && (b.kind === 'character' || b.kind === 'block'))
    if (a.major !== b.major || a.minor !== b.minor) what.push('device number');
  return what;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
