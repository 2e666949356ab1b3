import type { Repository } from '../../plan/profile.ts';
import { isDistributionKey, officialArchive } from '../diff/repository-items.ts';
import type { Inventory, InventoryRepository } from '../inventory/inventory.ts';
import type { Remark } from './captured-profile.ts';
import { armourKey, isArmoured } from './openpgp-armour.ts';

export interface CapturedRepositories {
  readonly repositories: readonly Repository[];
  /** Paths of files that are in them: definitions and keys. */
  readonly files: ReadonlySet<string>;
  readonly remarks: readonly Remark[];
  readonly warnings: readonly string[];
}

/**
 * Where packages come from besides the distribution's own archive of its release.
 * @param keys contents of the files that `signedBy` names, by path
 */
export function captureRepositories(
  inventory: Inventory,
  keys: ReadonlyMap<string, Uint8Array>,
): CapturedRepositories {
  const { os } = inventory;
  const files = new Set<string>();
  const repositories: Repository[] = [];
  const remarks: Remark[] = [];
  const warnings: string[] = [];
  const names = new Set<string>();
  for (const one of inventory.repositories) {
    if (one.disabled) continue;
    files.add(one.file);
    const rest = beyondOwnArchive(one, os.id, os.codename);
    if (!rest) continue;
    if (inventory.database !== 'dpkg' && one.urls.length === 0) continue;
    if (one.otherOptions.length > 0) {
      warnings.push(
        `the repository ${one.urls.join(' ')} has options that no profile can have: ${one.otherOptions.join(', ')}`,
      );
    }
    const key = keyOf(one.signedBy, keys);
    if (one.signedBy?.startsWith('/') && key !== undefined) files.add(one.signedBy);
    if (one.signedBy !== undefined && key === undefined && !isDistributionKey(one.signedBy)) {
      warnings.push(
        `the key of the repository ${one.urls.join(' ')} could not be read (${one.signedBy.split('\n')[0]})`,
      );
    }
    const repository: Repository = {
      name: uniqueName(rest.name, names),
      absent: false,
      urls: rest.urls,
      suites: rest.suites,
      components: rest.components,
      architectures: rest.architectures,
      ...(key === undefined ? {} : { key: { kind: 'text', text: key } }),
    };
    repositories.push(repository);
    // apt is asked what its lists say, wherever it stands; others read the files that a profile writes.
    if (inventory.database !== 'dpkg') {
      const text = `stands in ${one.file} there; applied to that machine, this is written beside it`;
      remarks.push({ at: ['repositories', repository.name], text });
    }
  }
  return { repositories, files, remarks, warnings };
}

/** Suites of a release that every system of it has, and the components that it has of them. */
function beyondOwnArchive(
  one: InventoryRepository,
  distribution: string,
  codename: string | undefined,
): InventoryRepository | undefined {
  if (codename === undefined || !one.urls.every((url) => officialArchive(url, one, distribution))) return one;
  const usual = distribution === 'ubuntu' ? ['main', 'restricted', 'universe', 'multiverse'] : ['main'];
  const isOwnSuite = (suite: string) =>
    [codename, `${codename}-updates`, `${codename}-security`].includes(suite);
  const components = one.components.filter((component) => !usual.includes(component));
  const own = one.suites.filter(isOwnSuite);
  const others = one.suites.filter((suite) => !isOwnSuite(suite));
  if (others.length > 0)
    return {
      ...one,
      name: others[0]!,
      suites: own.length > 0 && components.length > 0 ? one.suites : others,
    };
  return components.length > 0
    ? { ...one, name: `${distribution}-${components[0]}-${own[0]}`, components }
    : undefined;
}

function keyOf(signedBy: string | undefined, keys: ReadonlyMap<string, Uint8Array>): string | undefined {
  if (signedBy === undefined || isDistributionKey(signedBy)) return undefined;
  if (isArmoured(signedBy)) return signedBy;
  const bytes = keys.get(signedBy);
  if (bytes === undefined || bytes.length === 0) return undefined;
  const text = Buffer.from(bytes).toString('latin1');
  return isArmoured(text) ? text : armourKey(bytes);
}

/** A name as profiles have it for the file on the machine. */
function uniqueName(name: string, taken: Set<string>): string {
  const plain =
    name
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 60) || 'repository';
  let found = plain;
  for (let number = 2; taken.has(found); number += 1) found = `${plain}-${number}`;
  taken.add(found);
  return found;
}
