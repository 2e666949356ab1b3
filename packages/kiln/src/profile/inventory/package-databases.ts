import { parseApkInstalled } from '../../supply/packages/apk-packages.ts';
import type { InstalledPackage, PackagedDigest } from '../../supply/packages/installed-package.ts';
import { parseRpmDatabase } from '../../supply/packages/rpm-packages.ts';
import { readAptRepositories } from './apt-repositories.ts';
import { readDpkgState } from './dpkg-state.ts';
import type { InventoryPackage, InventoryRepository } from './inventory.ts';
import { readApkRepositories, readRpmRepositories } from './other-repositories.ts';
import { databaseFiles, dpkgFiles, type PackagedFiles } from './packaged-files.ts';
import type { Survey } from './survey.ts';
import { plainLines, textOf } from './text-lines.ts';

/** What a system's package manager knows. */
export interface PackageKnowledge {
  readonly packages: readonly InventoryPackage[];
  readonly files: PackagedFiles;
  readonly repositories: readonly InventoryRepository[];
  readonly architecture?: string;
  readonly gaps: readonly string[];
}

export async function readPackages(survey: Survey): Promise<PackageKnowledge> {
  switch (survey.database) {
    case 'dpkg':
      return readDpkg(survey);
    case 'apk':
      return readApk(survey);
    case 'rpm':
      return readRpm(survey);
    case undefined:
      return {
        packages: [],
        files: databaseFiles(survey, []),
        repositories: [],
        gaps: ['it has no package database that is known here'],
      };
  }
}

function readDpkg(survey: Survey): PackageKnowledge {
  const { packages, conffiles, architecture } = readDpkgState(survey);
  return {
    packages,
    files: dpkgFiles(survey, conffiles),
    repositories: readAptRepositories(survey),
    ...(architecture === undefined ? {} : { architecture }),
    gaps: [],
  };
}

/** /etc/apk/world has what somebody asked for, with versions and tags behind the names. */
function readApk(survey: Survey): PackageKnowledge {
  const path = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'].find((one) => survey.contents.has(one));
  const installed = parseApkInstalled(Buffer.from(survey.contents.get(path!)!).toString('latin1'));
  const world = new Set(
    plainLines(textOf(survey, '/etc/apk/world'))
      .flatMap((line) => line.split(/\s+/))
      .map((word) => word.split(/[<>=~@]/, 1)[0]!),
  );
  return {
    packages: installed.map((one) => inventoryPackage(one, world.has(one.name))),
    files: databaseFiles(survey, installed),
    repositories: readApkRepositories(survey),
    gaps: [],
  };
}

async function readRpm(survey: Survey): Promise<PackageKnowledge> {
  const path = ['/usr/lib/sysimage/rpm/rpmdb.sqlite', '/var/lib/rpm/rpmdb.sqlite'].find((one) =>
    survey.contents.has(one),
  )!;
  const installed = await parseRpmDatabase(survey.contents.get(path)!, survey.contents.get(`${path}-wal`));
  return {
    packages: installed.map((one) => inventoryPackage(one, true)),
    files: databaseFiles(survey, installed),
    repositories: readRpmRepositories(survey),
    gaps: ['rpm does not say which packages somebody asked for: all of them count as that'],
  };
}

function inventoryPackage(
  {
    name,
    version,
    architecture,
    depends,
    provides,
  }: InstalledPackage & { readonly digests: ReadonlyMap<string, PackagedDigest> },
  manual: boolean,
): InventoryPackage {
  return {
    name,
    version,
    architecture,
    manual,
    held: false,
    required: false,
    state: 'installed',
    depends,
    provides,
  };
}
