import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { namespaceObstacle, removeTree } from '../../base/user-namespace.ts';
import type { RootfsLock } from '../../plan/rootfs-source.ts';
import { installSystem, systemPackages } from '../../sources/bootstrap/install-system.ts';
import type { Release } from '../../sources/bootstrap/release.ts';
import { keepStanzas } from '../../sources/packages/package-cache.ts';
import { resolvePackages } from '../../sources/packages/resolve-packages.ts';
import { toRootfsLock } from '../../sources/packages/rootfs-lock.ts';
import { storeLayout } from '../../store/home.ts';
import { writeSystemDisk } from './system-disk.ts';

const diskSize = 4 * 2 ** 30;

export interface MakeSystemContext {
  /** `$KILN_HOME`. */
  readonly home: string;
  /** Empty folder for everything temporary. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** The story of the making, a phrase at a time. */
  readonly onStage: (phrase: string) => void;
  /** Gets the pid of a program that has been started. */
  readonly onStart: (pid: number) => void;
}

export interface MadeSystem {
  /** A qcow2 file. */
  readonly disk: string;
  /** `name=version`, sorted: what the image is made of. */
  readonly packages: readonly string[];
}

/**
 * Makes a bootable disk of a release, for BIOS and UEFI, from the packages that its mirror has today. No loop device, no
 * running machine.
 * @throws KilnError `tool-missing`, `tool-failed`, `download-failed`, `disk-full`, `cancelled`
 */
export async function makeSystem(release: Release, context: MakeSystemContext): Promise<MadeSystem> {
  const { home, scratch, signal, onStage, onStart } = context;
  const name = `${release.distribution}/${release.version}`;
  if (process.arch !== 'x64') {
    throw new KilnError('unsupported', `making ${name} on ${process.arch} is not possible yet`, {
      hint: 'use a cloud image as a file or URL instead',
    });
  }
  const obstacle = await namespaceObstacle({ signal });
  if (obstacle) {
    throw new KilnError(
      'tool-missing',
      `${name} cannot be made without root's rights here: ${obstacle.message}`,
      { hint: obstacle.hint },
    );
  }
  onStage('resolving packages');
  const lock = await lockSystem(release, home, signal);
  const tree = join(scratch, 'tree');
  const disk = join(scratch, 'disk.qcow2');
  await mkdir(tree, { mode: 0o755 });
  await installSystem({ release, lock, home, tree, scratch: join(scratch, 'system'), signal, onStage });
  await writeSystemDisk({
    root: { kind: 'directory', path: tree },
    release,
    name,
    diskSize,
    time: lock.time,
    packages: lock.base,
    home,
    allowSecrets: [],
    to: disk,
    work: join(scratch, 'image'),
    signal,
    onStage,
    onStart,
  });
  await removeTree(tree);
  return { disk, packages: lock.base.map(({ name: one, version }) => `${one}=${version}`).sort() };
}

async function lockSystem(release: Release, home: string, signal: AbortSignal): Promise<RootfsLock> {
  const layout = storeLayout(home);
  const resolution = await resolvePackages(
    {
      release,
      architecture: 'amd64',
      base: systemPackages(release),
      repositories: [],
      wishes: [],
      recommends: false,
    },
    { layout, signal },
  );
  await keepStanzas(layout, resolution);
  return toRootfsLock(resolution.resolved);
}
