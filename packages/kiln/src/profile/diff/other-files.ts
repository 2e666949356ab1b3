import { cleaningOf } from '../../supply/cleaning/is-cleaned.ts';
import type { InstalledPackage } from '../../supply/packages/installed-package.ts';
import { readPackages } from '../../supply/packages/read-packages.ts';
import { folderFollower } from '../../supply/system/follow-path.ts';
import type { SystemFiles } from '../../supply/system/system-files.ts';
import { compareSystems, type FileDifference } from '../../supply/verify/compare-systems.ts';
import { configurationPlaces } from '../inventory/survey-query.ts';

/** In what files outside of the places of configuration differ. */
export interface OtherFiles {
  /** Files of no package, and those that differ although their package does not. */
  readonly own: readonly FileDifference[];
  /** Files of packages that differ themselves, by package. */
  readonly byPackage: ReadonlyMap<string, number>;
  /** Caches, logs, databases of packages and what else programs write again. */
  readonly written: readonly FileDifference[];
}

/** What package managers and caches write down, which is told of in other ways or means nothing. */
const written = [
  /^\/var\/(?:cache|lib\/(?:dpkg|apt|ucf|pam|systemd|initramfs-tools|rpm|dnf)|backups|log|tmp)(?:\/|$)/,
  /^\/(?:tmp|run|proc|sys|dev|lost\+found)(?:\/|$)/,
  /^\/var\/lib\/(?:dbus\/machine-id|kiln)(?:\/|$)/,
  /^\/usr\/lib\/sysimage\/rpm(?:\/|$)/,
  /^\/(?:usr\/)?lib\/apk\/db(?:\/|$)/,
  /\/__pycache__(?:\/|$)/,
  /^\/boot\/(?:initrd\.img|initramfs)-/,
  /^\/(?:usr\/)?lib\/modules\/[^/]+\/modules\.[\w.]+$/,
  /^\/usr\/share\/(?:mime|icons|glib-2\.0\/schemas|applications|info)\/(?:.*\/)?(?:mime\.cache|icon-theme\.cache|gschemas\.compiled|mimeinfo\.cache|dir)$/,
];

export async function compareOtherFiles(before: SystemFiles, after: SystemFiles): Promise<OtherFiles> {
  const changed = await changedPackages(before, after);
  const own: FileDifference[] = [];
  const again: FileDifference[] = [];
  const byPackage = new Map<string, number>();
  const found = await compareSystems(
    { ...before, entries: withoutConfiguration(before) },
    { ...after, entries: withoutConfiguration(after) },
    ['in the first', 'in the second'],
  );
  for (const { path, what } of found) {
    // When a file was written is not what it is.
    const rest = what.filter((one) => !one.startsWith('time '));
    if (rest.length === 0) continue;
    const difference = { path, what: rest };
    const owner = changed.get(path);
    const kind = (before.entries.get(path.slice(1)) ?? after.entries.get(path.slice(1)))?.kind ?? 'file';
    if (cleaningOf(path.slice(1), kind) !== undefined || written.some((pattern) => pattern.test(path)))
      again.push(difference);
    else if (owner !== undefined) byPackage.set(owner, (byPackage.get(owner) ?? 0) + 1);
    else own.push(difference);
  }
  return { own, byPackage, written: again };
}

function withoutConfiguration({ entries }: SystemFiles): SystemFiles['entries'] {
  const isConfiguration = (path: string) =>
    configurationPlaces.some((place) => `/${path}`.startsWith(`${place}/`));
  return new Map([...entries].filter(([path]) => !isConfiguration(path)));
}

/** Files of packages that are in one system only, or in another version, by path. */
async function changedPackages(before: SystemFiles, after: SystemFiles): Promise<Map<string, string>> {
  const sides = [await packagesOf(before), await packagesOf(after)] as const;
  const versions = sides.map((side) => new Map(side.packages.map((one) => [key(one), one.version])));
  const owners = new Map<string, string>();
  for (const { packages, follow } of sides) {
    for (const one of packages) {
      if (versions[0]!.get(key(one)) === versions[1]!.get(key(one))) continue;
      for (const path of one.files) owners.set(`/${follow(path)}`, one.name);
    }
  }
  return owners;
}

function key({ name, architecture }: InstalledPackage): string {
  return `${name}:${architecture}`;
}

async function packagesOf(files: SystemFiles) {
  const { packages } = await readPackages(files);
  return { packages, follow: folderFollower(files) };
}
