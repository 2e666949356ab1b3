import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { exists, syncFolder } from '../../base/files.ts';
import { parseGemVersion } from '../../base/gem-version.ts';
import type { Run } from '../run.ts';
import { folderOfBox } from './box-names.ts';
import { hostArchitecture } from './host-architecture.ts';
import { listBoxes, type StoredBox } from './stored-boxes.ts';
import { type VagrantHome, withBoxLock } from './vagrant-home.ts';

export interface NewBox {
  readonly name: string;
  readonly version: string;
  readonly provider: string;
  readonly architecture?: string;
  /** The catalogue it came from. */
  readonly metadataUrl?: string;
}

/** A folder for a box that is being made, on the filesystem where boxes are. It goes when the run ends. */
export async function stagingFolder(home: VagrantHome, run: Run): Promise<string> {
  const folder = join(home.temporary, `kiln-${run.id}`);
  run.ownPath(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Where a box belongs. Vagrant before 2.4 looks for no folders of architectures, and later ones take a box without one
 * for this host's: so only those of other architectures get one.
 */
export function placeOfBox(home: VagrantHome, { name, version, provider, architecture }: NewBox): string {
  if (!parseGemVersion(version) || version !== version.trim() || version === '') {
    throw new KilnError('bad-usage', `"${version}" cannot be the version of a box`, {
      hint: 'a version is numbers with points between, such as 1.0 or 20260101.0.0',
    });
  }
  const isForeign =
    architecture !== undefined && architecture !== 'unknown' && architecture !== hostArchitecture();
  return join(home.boxes, folderOfBox(name), version, ...(isForeign ? [architecture] : []), provider);
}

/**
 * Moves an unpacked box to its place, whole or not at all.
 * @param unpacked the box in a folder of `stagingFolder`
 * @throws KilnError `already-exists` when it is there and not to be replaced
 */
export async function placeBox(
  home: VagrantHome,
  unpacked: string,
  box: NewBox,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const place = placeOfBox(home, box);
  await withBoxLock(home, async () => {
    const isThere = await exists(place);
    if (isThere && !replace) throw boxExists(box);
    await mkdir(dirname(place), { recursive: true });
    if (isThere) await rename(place, `${unpacked}.replaced`);
    await rename(unpacked, place);
    await syncFolder(dirname(place));
    if (box.metadataUrl !== undefined) {
      const note = `${unpacked}.url`;
      await writeFile(note, box.metadataUrl);
      await rename(note, join(home.boxes, folderOfBox(box.name), 'metadata_url'));
    }
  });
}

export function boxExists({ name, version, provider }: NewBox): KilnError {
  return new KilnError('already-exists', `the box ${name} ${version} for ${provider} is here already`, {
    hint: 'replace it with --force',
  });
}

/** Removes boxes. What is left of a name's folder when no box of it is left goes, too. */
export async function deleteBoxes(home: VagrantHome, boxes: readonly StoredBox[], run: Run): Promise<void> {
  const staging = await stagingFolder(home, run);
  await withBoxLock(home, async () => {
    for (const [index, box] of boxes.entries()) {
      try {
        // A box that is half removed must not be found any more.
        await rename(box.folder, join(staging, String(index)));
      } catch (error) {
        if (!isSystemError(error, 'ENOENT')) throw error;
      }
      await removeIfEmpty(dirname(box.folder));
      if (box.inArchitectureFolder) await removeIfEmpty(dirname(dirname(box.folder)));
    }
    const left = new Set((await listBoxes(home)).map(({ name }) => name));
    for (const { name } of boxes)
      if (!left.has(name)) await rm(join(home.boxes, folderOfBox(name)), { recursive: true, force: true });
  });
  await rm(staging, { recursive: true, force: true });
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}
