import { holdsSecret } from '../../profile/capture/captured-secrets.ts';
import { plainText } from '../../profile/capture/inline-text.ts';
import type { Difference } from '../../profile/diff/system-state.ts';
import type { ComparedSystem } from '../compared-system.ts';
import { unifiedDiff } from '../unified-diff.ts';

/** Larger files are not compared line by line, in bytes. */
const largestText = 64 << 10;
const mostTexts = 200;

/**
 * How text files differ, line by line, by path. Files that look secret are left out: what is in them is nobody's
 * business.
 */
export async function fileTextDiffs(
  differences: readonly Difference[],
  before: ComparedSystem,
  after: ComparedSystem,
): Promise<Map<string, string>> {
  const paths = differences
    .filter(({ section, kind, changes, matters }) => {
      return (
        section === 'files' &&
        matters &&
        (kind !== 'changed' || changes.some(({ what }) => what === 'content'))
      );
    })
    .map(({ name }) => name)
    .slice(0, mostTexts);
  const [old, now] = [await before.read(paths, largestText), await after.read(paths, largestText)];
  const found = new Map<string, string>();
  for (const path of paths) {
    const texts = [old, now].map((contents) => textOf(path, contents));
    const [from, to] = texts;
    if (from === undefined || to === undefined || (await isSecret(path, old, now))) continue;
    found.set(path, await unifiedDiff({ label: `a${path}`, text: from }, { label: `b${path}`, text: to }));
  }
  return found;
}

/** A file that is not there has no lines. Undefined for what is no text. */
function textOf(path: string, contents: ReadonlyMap<string, Uint8Array>): string | undefined {
  const bytes = contents.get(path);
  return bytes === undefined ? '' : plainText(bytes);
}

async function isSecret(
  path: string,
  ...sides: readonly ReadonlyMap<string, Uint8Array>[]
): Promise<boolean> {
  for (const contents of sides) {
    const bytes = contents.get(path);
    if (bytes && (await holdsSecret(path, bytes))) return true;
  }
  return false;
}
