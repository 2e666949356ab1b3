import { KilnError } from '../../base/errors.ts';
import type { AptFolder, IndexTarget } from './apt-folder.ts';
import type { AptSource } from './apt-source.ts';
import type { PlannedPackage } from './install-plan.ts';
import { type IndexedPackage, PackageIndex } from './package-index.ts';
import { readReleaseFile } from './release-file.ts';
import type { ResolvedPackage, ResolvedRepository } from './resolved-packages.ts';

/** The Packages files of a folder, and what each of its sources says of itself. */
export interface Indexes {
  readonly index: PackageIndex;
  readonly repositories: readonly ResolvedRepository[];
  /** The source of one of the Packages files. */
  sourceOf(file: string): AptSource;
}

/**
 * Reads a folder's indexes. To be called under its lock.
 * @param refresh false: those that are there will do, when there are some
 * @throws KilnError as `AptFolder.refresh`; `store-corrupt`
 */
export async function openIndexes(folder: AptFolder, refresh: boolean): Promise<Indexes> {
  let targets: readonly IndexTarget[] = refresh ? [] : await folder.targets();
  if (targets.length === 0) {
    await folder.refresh();
    targets = await folder.targets();
  }
  const loading = PackageIndex.load(targets.map((one) => one.path));
  const [index, repositories] = await Promise.all([
    loading,
    Promise.all(folder.sources.map((source) => describe(source, folder))),
  ]);
  const sources = new Map(targets.map((one) => [one.path, one.source]));
  return { index, repositories, sourceOf: (file) => sources.get(file)! };
}

async function describe(source: AptSource, folder: AptFolder): Promise<ResolvedRepository> {
  const { name, url, suite, components, key } = source;
  const { digest, date, snapshot } = await readReleaseFile(await folder.releaseFile(source));
  return {
    ...{ name, url, suite, components, indexDigest: digest, indexDate: date },
    ...(snapshot !== undefined && !key && { snapshot }),
  };
}

/** The entry of an index for what apt has chosen. */
export function findPlanned(planned: PlannedPackage, { index }: Indexes): IndexedPackage {
  const { name, version, architecture, sha256 } = planned;
  const same = index.find(name).filter((one) => one.version === version && one.architecture === architecture);
  const found = sha256 === undefined ? same[0] : same.find((one) => one.sha256 === sha256);
  if (found) return found;
  throw new KilnError('internal', `apt chose ${name} ${version}, which its indexes do not have`);
}

/** @throws KilnError `unsupported` for an index without SHA-256 digests */
export function asResolved(
  { name, version, architecture, sha256, size, path, file }: IndexedPackage,
  { sourceOf }: Indexes,
  layer: ResolvedPackage['layer'],
  automatic: boolean,
): ResolvedPackage {
  const source = sourceOf(file);
  if (sha256 === undefined) {
    throw new KilnError('unsupported', `the repository ${source.mirror} has no SHA-256 digest of ${name}`, {
      hint: 'its index is of an old kind: ask whoever keeps it to make it with a current tool',
      ...(source.at && { at: source.at }),
    });
  }
  return { name, version, architecture, sha256, size, path, repository: source.name, layer, automatic };
}
