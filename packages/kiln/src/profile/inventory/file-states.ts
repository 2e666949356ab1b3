import { type FileMakers, isGenerated } from './generated-files.ts';
import type { FileState, InventoryFile } from './inventory.ts';
import type { Survey, SurveyEntry } from './survey.ts';
import { configurationPlaces } from './survey-query.ts';
import { isUnitLink } from './units.ts';
import { isVolatileFile } from './volatile-files.ts';

/** Every file in the places of configuration and in homes, with what is known of how it came there. */
export function readFiles(makers: FileMakers, homes: readonly string[]): InventoryFile[] {
  const { survey, packaged, scripts } = makers;
  const places = [...configurationPlaces, ...homes];
  const inPlaces = (path: string) => places.some((place) => path === place || path.startsWith(`${place}/`));
  const files: InventoryFile[] = [];
  for (const entry of survey.entries.values()) {
    if (!inPlaces(entry.path)) continue;
    const owner = packaged.owners.get(entry.path);
    files.push({
      ...entry,
      state: stateOf(entry, owner, makers),
      ...(owner === undefined ? {} : { package: owner }),
    });
  }
  for (const path of packaged.required) {
    if (survey.entries.has(path) || !canBeMissing(survey, path, inPlaces)) continue;
    files.push(missing(path, 'file', packaged.owners.get(path)));
  }
  for (const [path, target] of scripts.links) {
    if (survey.entries.has(path) || !path.startsWith('/etc/') || !canBeMissing(survey, path, inPlaces))
      continue;
    if (survey.entries.has(absoluteTarget(path, target))) files.push(missing(path, 'symlink', undefined));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function stateOf(entry: SurveyEntry, owner: string | undefined, makers: FileMakers): FileState {
  const { path, kind, packageDigest } = entry;
  if (isVolatileFile(path)) return 'volatile';
  const shipped = makers.packaged.digests.get(path);
  if (shipped !== undefined) {
    if (kind !== 'file') return 'changed';
    if (makers.kiln?.owns(entry)) return 'made';
    // Without a digest (too large, or only root may read it) nobody knows, and most are as they were.
    return packageDigest === undefined || packageDigest === shipped ? 'shipped' : 'changed';
  }
  if (owner !== undefined) return 'shipped';
  if (isUnitLink(entry)) return 'made';
  return isGenerated(entry, makers) ? 'made' : 'own';
}

/** A file can only be missed where its folder was looked into. */
function canBeMissing(survey: Survey, path: string, inPlaces: (path: string) => boolean): boolean {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const tooLarge = survey.gaps.some((gap) =>
    configurationPlaces.some((place) => gap.startsWith(`${place} holds`) && path.startsWith(`${place}/`)),
  );
  return inPlaces(path) && !tooLarge && survey.entries.has(topFolder(folder));
}

function topFolder(folder: string): string {
  return `/${folder.split('/')[1]}`;
}

function absoluteTarget(path: string, target: string): string {
  if (target.startsWith('/')) return target;
  return new URL(target, `file://${path}`).pathname;
}

function missing(path: string, kind: 'file' | 'symlink', owner: string | undefined): InventoryFile {
  return {
    ...{ path, kind, mode: 0, uid: 0, gid: 0, size: 0, state: 'missing' },
    ...(owner === undefined ? {} : { package: owner }),
  };
}
