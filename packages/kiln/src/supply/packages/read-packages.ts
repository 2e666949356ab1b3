import { folderFollower } from '../system/follow-path.ts';
import type { SystemFiles } from '../system/system-files.ts';
import { readApkPackages } from './apk-packages.ts';
import { readDpkgDigests, readDpkgPackages } from './dpkg-packages.ts';
import type { InstalledPackage, PackagedDigest } from './installed-package.ts';
import { type OsRelease, readOsRelease } from './os-release.ts';
import { readRpmPackages } from './rpm-packages.ts';

/** What the package databases of a system say. */
export interface PackagesOfSystem {
  readonly os: OsRelease;
  readonly packages: readonly InstalledPackage[];
  /** By the real path of a regular file, whose it is; the first one's when several say so. */
  readonly owners: ReadonlyMap<string, InstalledPackage>;
  /** What cannot be read, as sentences. */
  readonly gaps: readonly string[];
}

/** A system may have several package managers; each one's packages are told. */
export async function readPackages(files: SystemFiles): Promise<PackagesOfSystem> {
  const rpm = await readRpmPackages(files);
  const packages: InstalledPackage[] = [
    ...(await readDpkgPackages(files)),
    ...(await readApkPackages(files)),
    ...rpm.packages,
  ];
  const gaps = rpm.gap === undefined ? [] : [rpm.gap];
  if (packages.length === 0 && gaps.length === 0)
    gaps.push('no package database of dpkg, apk or rpm was found: files are told without packages');
  return { os: await readOsRelease(files), packages, owners: ownersOf(files, packages), gaps };
}

function ownersOf(
  files: SystemFiles,
  packages: readonly InstalledPackage[],
): ReadonlyMap<string, InstalledPackage> {
  const follow = folderFollower(files);
  const owners = new Map<string, InstalledPackage>();
  for (const one of packages)
    for (const path of one.files) {
      const real = follow(path);
      const kind = files.entries.get(real)?.kind;
      if ((kind === 'file' || kind === 'link') && !owners.has(real)) owners.set(real, one);
    }
  return owners;
}

/** What the package databases remember of the content of files, by the files' real paths. */
export async function readPackagedDigests(files: SystemFiles): Promise<ReadonlyMap<string, PackagedDigest>> {
  const found = new Map<string, PackagedDigest>();
  for (const [path, digest] of await readDpkgDigests(files)) found.set(path, { algorithm: 'md5', digest });
  const follow = folderFollower(files);
  for (const one of [...(await readApkPackages(files)), ...(await readRpmPackages(files)).packages])
    for (const [path, digest] of one.digests) found.set(follow(path), digest);
  return found;
}
