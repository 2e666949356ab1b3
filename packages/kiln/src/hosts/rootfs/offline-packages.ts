import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxBind } from '../../guests/chroot-guest.ts';
import type { LockedPackage } from '../../plan/locked-package.ts';
import { fetchPackages } from '../../sources/packages/fetch-packages.ts';
import { makeLocalRepository } from '../../sources/packages/local-repository.ts';

/** Where the packages and what belongs to them are in the tree. */
const inTree = '/run/kiln-packages';
const listsInTree = '/run/kiln-package-lists';

/**
 * apt.conf(5) for installing the locked packages and no others: nothing that the tree says of repositories counts, and
 * nothing of this is left in the tree.
 */
const aptConfiguration = `Dir::Etc::SourceList "${inTree}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "${listsInTree}/";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "/dev/null";
Dir::Log::History "";
Dir::Log::Terminal "";
Dir::Log::Planner "";
APT::Sandbox::User "root";
APT::Keep-Downloaded-Packages "false";
Acquire::Languages "none";
`;

/** The locked packages of a profile, for a tree that has no network. They are got when somebody asks for them. */
export class OfflinePackages {
  readonly #packages: readonly LockedPackage[];
  readonly #home: string;
  readonly #folder: string;
  #ready: Promise<void> | undefined;

  private constructor(packages: readonly LockedPackage[], home: string, folder: string) {
    this.#packages = packages;
    this.#home = home;
    this.#folder = folder;
  }

  /** @param folder for the repository; it is made */
  static async open(
    packages: readonly LockedPackage[],
    home: string,
    folder: string,
  ): Promise<OfflinePackages> {
    const offline = new OfflinePackages(packages, home, folder);
    for (const { from } of offline.binds) await mkdir(from, { recursive: true, mode: 0o755 });
    return offline;
  }

  get binds(): readonly SandboxBind[] {
    return [
      { from: join(this.#folder, 'repository'), to: inTree, readOnly: true },
      { from: join(this.#folder, 'lists'), to: listsInTree, readOnly: false },
    ];
  }

  /**
   * Makes the packages available in the tree.
   * @returns what package managers need in their environment to use these and no others
   * @throws KilnError `download-failed`, `checksum-mismatch`, `disk-full`, `cancelled`
   */
  async provide(
    signal: AbortSignal,
    onStage: (phrase: string) => void,
  ): Promise<Readonly<Record<string, string>>> {
    this.#ready ??= this.#fill(signal, onStage);
    await this.#ready;
    return { APT_CONFIG: `${inTree}/apt.conf` };
  }

  async #fill(signal: AbortSignal, onStage: (phrase: string) => void): Promise<void> {
    const home = this.#home;
    await fetchPackages(this.#packages, { home, signal, onStage });
    const folder = join(this.#folder, 'repository');
    await makeLocalRepository(folder, this.#packages, { home, signal });
    await writeFile(join(folder, 'sources.list'), `deb [trusted=yes] file:${inTree} ./\n`);
    await writeFile(join(folder, 'apt.conf'), aptConfiguration);
  }
}
