import { hash } from 'node:crypto';
import type { LockedPackage } from '../../plan/locked-package.ts';
import type { InstalledPackage } from '../packages/installed-package.ts';
import type { OsRelease } from '../packages/os-release.ts';
import { readPackages } from '../packages/read-packages.ts';
import { pathText } from '../system/path-names.ts';
import { packageUrl } from './package-url.ts';
import type { FileDigests, SbomInput } from './sbom-options.ts';

/** What both kinds of SBOM say, in no format yet. Everything is sorted. */
export interface SystemDescription {
  readonly name: string;
  readonly created: number;
  readonly os: OsRelease;
  readonly packages: readonly DescribedPackage[];
  /** Regular files that no package owns. */
  readonly unowned: readonly DescribedFile[];
  readonly gaps: readonly string[];
  /** Follows from everything above: two descriptions with the same one are the same. Hex SHA-256. */
  readonly digest: string;
}

export interface DescribedPackage {
  readonly package: InstalledPackage;
  readonly purl: string;
  /** What the lock says it came from. */
  readonly archive?: LockedPackage;
  readonly files: readonly DescribedFile[];
  /** Packages that it needs and that are there, by their place in the list of packages. */
  readonly needs: readonly number[];
}

/** A regular file. */
export interface DescribedFile {
  /** Absolute. */
  readonly path: string;
  readonly digests: FileDigests;
}

/** Reads what an SBOM tells, and every file whose digests the caller does not know. */
export async function describeSystem(input: SbomInput): Promise<SystemDescription> {
  const { os, packages, owners, gaps } = await readPackages(input.system);
  const files = new Map<InstalledPackage | undefined, DescribedFile[]>();
  for (const [path, entry] of input.system.entries) {
    if (entry.kind !== 'file' && entry.kind !== 'link') continue;
    const digests = await digestsOf(input, entry.kind === 'link' ? entry.to : path);
    if (!digests) continue;
    const owner = owners.get(path);
    const list = files.get(owner) ?? [];
    list.push({ path: `/${pathText(path)}`, digests });
    files.set(owner, list);
  }
  const archives = new Map((input.locked ?? []).map((one) => [packageKey(one), one]));
  const find = dependencyFinder(packages);
  const described = packages.map((one) => {
    const archive = archives.get(packageKey(one));
    return {
      package: one,
      purl: packageUrl(one, os),
      ...(archive && { archive }),
      files: files.get(one) ?? [],
      needs: find(one),
    };
  });
  const said = {
    name: input.name,
    created: input.created,
    os,
    packages: described,
    unowned: files.get(undefined) ?? [],
    gaps: [...(input.gaps ?? []), ...gaps],
  };
  return { ...said, digest: hash('sha256', JSON.stringify(essence(said))) };
}

function packageKey({
  name,
  version,
  architecture,
}: Pick<LockedPackage, 'name' | 'version' | 'architecture'>): string {
  return `${name} ${version} ${architecture}`;
}

/** Undefined for another name of something that is no regular file. */
async function digestsOf({ system, digests }: SbomInput, path: string): Promise<FileDigests | undefined> {
  const known = digests?.get(path);
  if (known) return known;
  if (system.entries.get(path)?.kind !== 'file') return undefined;
  const content = await system.read(path);
  return { sha1: hash('sha1', content), sha256: hash('sha256', content) };
}

/** Which packages of the list a package needs. Of alternatives, all that are there count: any of them may be used. */
function dependencyFinder(packages: readonly InstalledPackage[]): (one: InstalledPackage) => number[] {
  const byName = new Map<string, number[]>();
  for (const [at, one] of packages.entries())
    for (const name of new Set([one.name, ...one.provides])) {
      const list = byName.get(name) ?? [];
      list.push(at);
      byName.set(name, list);
    }
  return (one) => {
    const found = new Set(one.depends.flat().flatMap((name) => byName.get(name) ?? []));
    return [...found].filter((at) => packages[at] !== one).sort((a, b) => a - b);
  };
}

/** The description without what follows from the rest. */
function essence({ packages, unowned, ...rest }: Omit<SystemDescription, 'digest'>): unknown {
  const fileOf = ({ path, digests }: DescribedFile) => [path, digests.sha256];
  return [
    rest,
    packages.map(({ purl, archive, files }) => [purl, archive?.sha256, files.map(fileOf)]),
    unowned.map(fileOf),
  ];
}
