import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { parseGemRequirement } from '../../base/gem-requirement.ts';
import { compareGemVersions, parseGemVersion } from '../../base/gem-version.ts';
import { listFolder } from '../folders.ts';
import { boxOfFolder, folderOfBox } from './box-names.ts';
import { hostArchitecture } from './host-architecture.ts';
import type { VagrantHome } from './vagrant-home.ts';

/** A box that is unpacked on this host. */
export interface StoredBox {
  readonly name: string;
  /** As its folder is called. `0` for one that came from no catalogue. */
  readonly version: string;
  readonly provider: string;
  /** Undefined when nobody has said. */
  readonly architecture?: string;
  /** The folder is below one of the architecture's name, as Vagrant has it from 2.4 on. */
  readonly inArchitectureFolder: boolean;
  readonly folder: string;
  /** The catalogue it came from. */
  readonly metadataUrl?: string;
}

/** All boxes, by name, provider and version. Those that neither Vagrant nor Kiln would use are left out. */
export async function listBoxes(home: VagrantHome): Promise<StoredBox[]> {
  const folders = (await listFolder(home.boxes)).filter((name) => !name.startsWith('.'));
  const boxes = (await Promise.all(folders.map((folder) => boxesIn(home, folder)))).flat();
  return boxes.sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.provider, b.provider) || compareVersions(a, b),
  );
}

export interface BoxWish {
  readonly name: string;
  /** The best first; none: any. */
  readonly providers?: readonly string[];
  /** RubyGems constraints; undefined: any version. */
  readonly version?: string;
  /** `auto` for this host's; undefined: any. */
  readonly architecture?: string;
}

/**
 * The newest box that meets a wish; among boxes of one version, that of the first provider.
 * @throws KilnError `bad-usage` for a name or constraint that can be none
 */
export async function findBox(home: VagrantHome, wish: BoxWish): Promise<StoredBox | undefined> {
  const requirement = parseGemRequirement(wish.version ?? '');
  const boxes = (await boxesIn(home, folderOfBox(wish.name))).filter(
    (box) => requirement.allows(parseGemVersion(box.version)!) && fitness(box, wish) !== undefined,
  );
  const [best] = boxes.sort((a, b) => compareVersions(b, a) || fitness(a, wish)! - fitness(b, wish)!);
  return best;
}

export function compareVersions(a: { readonly version: string }, b: { readonly version: string }): number {
  return compareGemVersions(parseGemVersion(a.version)!, parseGemVersion(b.version)!);
}

/** The smaller the better; undefined when it will not do. */
function fitness(box: StoredBox, { providers = [], architecture }: BoxWish): number | undefined {
  const place = providers.length === 0 ? 0 : providers.indexOf(box.provider);
  if (place < 0) return undefined;
  const host = hostArchitecture();
  const wanted = architecture === 'auto' ? host : architecture;
  const isUnsaid = box.architecture === undefined;
  if (wanted === undefined) return place * 4 + (isUnsaid ? 0 : box.architecture === host ? 1 : 2);
  if (box.architecture === wanted) return place * 4;
  // A box from before boxes said so was made for the common architecture, or for the one who keeps it.
  return isUnsaid || box.architecture === 'unknown' ? place * 4 + 1 : undefined;
}

async function boxesIn(home: VagrantHome, folderName: string): Promise<StoredBox[]> {
  const folder = join(home.boxes, folderName);
  const name = boxOfFolder(folderName);
  const metadataUrl = await readUrl(join(folder, 'metadata_url'));
  const found: StoredBox[] = [];
  const add = async (version: string, path: string, provider: string, architecture: string | undefined) => {
    const said = architecture ?? (await architectureIn(path));
    found.push({
      name,
      version,
      provider,
      ...(said !== undefined && { architecture: said }),
      inArchitectureFolder: architecture !== undefined,
      folder: path,
      ...(metadataUrl !== undefined && { metadataUrl }),
    });
  };
  for (const version of await listFolder(folder)) {
    if (version.startsWith('.') || !parseGemVersion(version)) continue;
    for (const one of await listFolder(join(folder, version))) {
      const path = join(folder, version, one);
      if (await isFile(join(path, 'metadata.json'))) {
        await add(version, path, one, undefined);
        continue;
      }
      for (const provider of await listFolder(path))
        if (await isFile(join(path, provider, 'metadata.json')))
          await add(version, join(path, provider), provider, one);
    }
  }
  return found;
}

/** What a box says itself; a damaged one says nothing here, and is told of when it is used. */
async function architectureIn(folder: string): Promise<string | undefined> {
  try {
    const { architecture } = JSON.parse(await readFile(join(folder, 'metadata.json'), 'utf8')) as {
      readonly architecture?: unknown;
    };
    return typeof architecture === 'string' ? architecture : undefined;
  } catch {
    return undefined;
  }
}

async function readUrl(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false;
    throw error;
  }
}

/** As Ruby compares texts: byte by byte. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
