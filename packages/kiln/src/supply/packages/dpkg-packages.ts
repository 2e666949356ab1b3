import { folderFollower } from '../system/follow-path.ts';
import { treePath } from '../system/path-names.ts';
import { readText } from '../system/read-text.ts';
import type { SystemFiles } from '../system/system-files.ts';
import { readDebianLicenses } from './debian-licenses.ts';
import { type DpkgPackage, parseDpkgStatus } from './dpkg-status.ts';
import type { InstalledPackage } from './installed-package.ts';

export const dpkgStatusFile = 'var/lib/dpkg/status';
const infoFolder = 'var/lib/dpkg/info';

/** The packages of a system with dpkg, in the order of their names, or none where there is no dpkg. */
export async function readDpkgPackages(files: SystemFiles): Promise<InstalledPackage[]> {
  const status = await readDpkgStatus(files);
  const diversions = parseDiversions((await readText(files, 'var/lib/dpkg/diversions', 'latin1')) ?? '');
  const packages: InstalledPackage[] = [];
  for (const one of status) {
    const { conffiles: _, ...known } = one;
    packages.push({
      ...known,
      manager: 'dpkg',
      licenses: await readDebianLicenses(files, one.name),
      files: await filesOf(files, one, diversions),
    });
  }
  return packages.sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture));
}

export async function readDpkgStatus(files: SystemFiles): Promise<DpkgPackage[]> {
  const packages = parseDpkgStatus((await readText(files, dpkgStatusFile)) ?? '');
  // Distroless images have one file a package instead.
  const folder = `${dpkgStatusFile}.d/`;
  for (const path of files.entries.keys()) {
    if (!path.startsWith(folder) || path.endsWith('.md5sums')) continue;
    const text = (await readText(files, path)) ?? '';
    packages.push(...parseDpkgStatus(`Status: install ok installed\n${text}`));
  }
  return packages;
}

/** Digests that dpkg remembers, by the real paths of a tree. */
export async function readDpkgDigests(files: SystemFiles): Promise<Map<string, string>> {
  const follow = folderFollower(files);
  const diversions = parseDiversions((await readText(files, 'var/lib/dpkg/diversions', 'latin1')) ?? '');
  const digests = new Map<string, string>();
  for (const one of await readDpkgStatus(files)) {
    const add = (path: string, digest: string) =>
      digests.set(follow(divertedPath(path, one.name, diversions)), digest);
    for (const line of (await readInfo(files, one, 'md5sums'))?.split('\n') ?? [])
      if (line.length > 34) add(line.slice(34), line.slice(0, 32));
    for (const [path, digest] of one.conffiles) add(treePath(path), digest);
  }
  return digests;
}

/** Files that are no configuration by their real paths, with the time at which dpkg wrote the package's list of files. */
export async function readDpkgFiles(files: SystemFiles): Promise<Map<string, number>> {
  const follow = folderFollower(files);
  const diversions = parseDiversions((await readText(files, 'var/lib/dpkg/diversions', 'latin1')) ?? '');
  const found = new Map<string, number>();
  for (const one of await readDpkgStatus(files)) {
    const list = infoPath(files, one, 'list');
    const entry = list === undefined ? undefined : files.entries.get(list);
    const time = entry && entry.kind !== 'link' ? entry.mtime : 0;
    for (const path of await filesOf(files, one, diversions))
      if (!one.conffiles.has(`/${path}`)) found.set(follow(path), time);
  }
  return found;
}

async function filesOf(files: SystemFiles, one: DpkgPackage, diversions: Diversions): Promise<string[]> {
  const list = (await readInfo(files, one, 'list')) ?? '';
  const paths: string[] = [];
  for (const line of list.split('\n')) {
    if (line.length < 2 || line === '/.') continue;
    paths.push(divertedPath(line.slice(1), one.name, diversions));
  }
  return paths;
}

/** Packages that can be there for several architectures have it in the names of their files. */
function infoPath(files: SystemFiles, one: DpkgPackage, kind: string): string | undefined {
  return [one.name, `${one.name}:${one.architecture}`]
    .map((name) => `${infoFolder}/${name}.${kind}`)
    .find((path) => files.entries.has(path));
}

async function readInfo(files: SystemFiles, one: DpkgPackage, kind: string): Promise<string | undefined> {
  const path = infoPath(files, one, kind);
  return path === undefined ? undefined : readText(files, path, 'latin1');
}

/** Where other packages' files are instead, by the path they were packed with: dpkg-divert(1). */
type Diversions = ReadonlyMap<string, { readonly to: string; readonly by: string }>;

function parseDiversions(text: string): Diversions {
  const lines = text.split('\n');
  const found = new Map<string, { readonly to: string; readonly by: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3)
    found.set(lines[at]!.slice(1), { to: lines[at + 1]!.slice(1), by: lines[at + 2]! });
  return found;
}

function divertedPath(path: string, owner: string, diversions: Diversions): string {
  const diversion = diversions.get(path);
  return diversion && diversion.by !== owner ? diversion.to : path;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
