import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RootfsLock } from '../../plan/rootfs-source.ts';
import { checkInstalled } from '../packages/check-installed.ts';
import { fetchPackages } from '../packages/fetch-packages.ts';
import { makeLocalRepository } from '../packages/local-repository.ts';
import { reproducibleEnvironment } from '../packages/reproducible-environment.ts';
import { basePackages } from './base-packages.ts';
import { customizeHook } from './customize-hook.ts';
import { deriveGuid } from './derive-guid.ts';
import { guestFiles } from './guest-files.ts';
import type { Release } from './release.ts';
import { runMmdebstrap } from './run-mmdebstrap.ts';

export interface SystemInstall {
  readonly release: Release;
  readonly lock: RootfsLock;
  /** `$KILN_HOME`, where packages are kept. */
  readonly home: string;
  /** An empty folder. */
  readonly tree: string;
  /** A folder for what is needed on the way. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** The story of the installing, a phrase at a time. */
  readonly onStage: (phrase: string) => void;
}

/** Names of the packages that a release's system is asked for; what they need comes with them. */
export function systemPackages(release: Release): readonly string[] {
  return [...basePackages, ...release.extraPackages, release.kernelPackage];
}

/** Everything but the packages that decides what a system is: another text means another system. */
export function systemRecipe(release: Release): string {
  const files = guestFiles(release, deriveGuid(release, 'root'));
  return JSON.stringify([release, systemPackages(release), files, customizeHook('', [])]);
}

/**
 * Installs a release from exactly the locked packages, which are fetched where they are not kept yet. Nothing of the
 * network is used beside that, and the same lock gives the same files.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `tool-failed`, `tool-missing`, `disk-full`, `cancelled`
 */
export async function installSystem(install: SystemInstall): Promise<void> {
  const { release, lock, home, tree, scratch, signal, onStage } = install;
  const files = join(scratch, 'files');
  for (const file of guestFiles(release, deriveGuid(release, 'root'))) {
    const path = join(files, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: file.mode });
  }
  const hook = join(scratch, 'customize.sh');
  await writeFile(hook, customizeHook(files, lock.sources), { mode: 0o755 });
  await fetchPackages(lock.base, { home, signal, onStage });
  const repository = join(scratch, 'packages');
  const line = await makeLocalRepository(repository, lock.base, { home, signal });
  await runMmdebstrap({
    args: [
      // Nothing is left to be chosen: what is essential is told by the packages, the rest is the lock's.
      '--variant=apt',
      '--format=directory',
      `--include=${lock.base.map(({ name }) => name).join(',')}`,
      '--aptopt=APT::Install-Recommends "false"',
      `--customize-hook=${hook} "$1"`,
      release.codename,
      tree,
      line,
    ],
    environment: reproducibleEnvironment(lock.time),
    what: `${release.distribution} ${release.version}`,
    hint: 'the lock may be for another release; `kiln profile lock` makes it again',
    signal,
    onStage,
  });
  checkInstalled(await readFile(join(tree, 'var/lib/dpkg/status'), 'utf8'), lock.base);
}
