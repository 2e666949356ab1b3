import { folderFollower } from '../system/follow-path.ts';
import type { SystemFiles } from '../system/system-files.ts';
import { apkDatabaseFiles, readApkPackages } from './apk-packages.ts';
import { readDpkgFiles } from './dpkg-packages.ts';
import { readRpmPackages, rpmDatabaseFiles } from './rpm-packages.ts';

/**
 * The files of packages by their real paths, with the time of their installation in seconds since 1970, as far as the
 * databases tell. Configuration files, which are there to be changed, are left out.
 */
export async function readPackagedFiles(files: SystemFiles): Promise<ReadonlyMap<string, number>> {
  const found = await readDpkgFiles(files);
  const follow = folderFollower(files);
  const add = async (
    packages: readonly { readonly files: readonly string[] }[],
    databases: readonly string[],
  ): Promise<void> => {
    const time = Math.max(0, ...databases.map((path) => timeOf(files, path)));
    for (const one of packages)
      for (const path of one.files) if (!path.startsWith('etc/')) found.set(follow(path), time);
  };
  await add(await readApkPackages(files), apkDatabaseFiles);
  await add((await readRpmPackages(files)).packages, rpmDatabaseFiles);
  return found;
}

function timeOf(files: SystemFiles, path: string): number {
  const entry = files.entries.get(path);
  return entry && entry.kind !== 'link' ? entry.mtime : 0;
}
