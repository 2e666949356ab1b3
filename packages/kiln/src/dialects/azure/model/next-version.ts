import { versionNumber } from './arm-id.ts';
import type { Versioning } from './image-template.ts';

type Numbers = readonly [major: number, minor: number, patch: number];

/**
 * The number of a new version in a gallery. `Latest`: the highest version that is there (within `major`, if that is set),
 * with its patch counted up by one. `Source`: the version of the source where it is free, else the next free patch
 * after it; a source without such a version is numbered by `Latest`.
 * The first version of all is 0.0.1, the first within a major version above 0 is MAJOR.0.0.
 * @param existing versions that are there, in any order; what is no version is passed over
 */
export function nextVersion(
  existing: readonly string[],
  versioning: Versioning = { scheme: 'Latest' },
  sourceVersion?: string,
): string {
  const versions = existing.map(numbersOf).filter((one) => one !== undefined);
  if (versioning.scheme === 'Source') {
    const wanted = sourceVersion === undefined ? undefined : numbersOf(sourceVersion);
    if (!wanted) return nextVersion(existing);
    let [major, minor, patch] = wanted;
    while (versions.some((one) => compare(one, [major, minor, patch]) === 0)) patch++;
    return [major, minor, patch].join('.');
  }
  const { major = -1 } = versioning;
  const within = versions.filter(([one]) => major < 0 || one === major);
  const highest = within.toSorted(compare).at(-1);
  if (highest) return [highest[0], highest[1], highest[2] + 1].join('.');
  return major > 0 ? `${major}.0.0` : '0.0.1';
}

/** Orders versions by their numbers; what is no version comes first. */
export function compareVersions(a: string, b: string): number {
  return compare(numbersOf(a) ?? none, numbersOf(b) ?? none);
}

const none: Numbers = [-1, -1, -1];

function numbersOf(text: string): Numbers | undefined {
  if (!versionNumber.test(text)) return undefined;
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return [major, minor, patch];
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
