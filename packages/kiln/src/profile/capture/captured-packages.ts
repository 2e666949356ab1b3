import type { Inventory, InventoryPackage } from '../inventory/inventory.ts';
import type { BareSystem } from './bare-system.ts';
import { PackageGraph } from './package-graph.ts';

export interface CapturedPackages {
  /** What somebody has asked for. */
  readonly wanted: readonly InventoryPackage[];
  /** What nothing of the above needs: recommended packages, and those that were chosen among several. */
  readonly along: readonly InventoryPackage[];
  /** Names of packages of the bare system that were taken away. */
  readonly removed: readonly string[];
  /** Names of packages of the bare system that were never there. */
  readonly lacking: readonly string[];
  /** Kernels and the like that belong to one version: a new system has its own. */
  readonly versioned: readonly string[];
}

/**
 * The fewest packages that a profile has to name, so that the bare system with them has all that a system has,
 * whether or not recommended packages are installed too.
 */
export function capturePackages(inventory: Inventory, bare: BareSystem): CapturedPackages {
  const graph = new PackageGraph(inventory.packages);
  const native = inventory.packages.filter((one) => one.state === 'installed' && isNative(one, inventory));
  const missing = native.filter((one) => !bare.packages.has(one.name));
  const versioned = missing.filter((one) => isVersionedKernel(one.name));
  const candidates = missing.filter((one) => !versioned.includes(one));
  // rpm keeps no marks of what somebody asked for: then it is what nothing else needs.
  const wanted =
    inventory.database === 'rpm'
      ? leaves(candidates, graph)
      : withoutLibraries(
          candidates.filter((one) => one.manual),
          graph,
          bare,
        );
  const covered = graph.closure([...bare.packages, ...wanted.map((one) => one.name)]);
  const along = leaves(
    candidates.filter((one) => !covered.has(one.name)),
    graph,
  );
  const names = new Set(native.map((one) => one.name));
  const gone = [...bare.asked].filter((name) => !names.has(name)).sort();
  const leftovers = new Set(
    inventory.packages.filter((one) => one.state === 'config-files' && one.required).map((one) => one.name),
  );
  const isRemoved = (name: string) => bare.complete || leftovers.has(name);
  return {
    wanted,
    along,
    removed: [...new Set([...gone.filter(isRemoved), ...leftovers])]
      .filter((name) => !names.has(name))
      .sort(),
    lacking: gone.filter((name) => !isRemoved(name)),
    versioned: versioned.map((one) => one.name),
  };
}

function isNative(one: InventoryPackage, { architecture }: Inventory): boolean {
  return architecture === undefined || one.architecture === 'all' || one.architecture === architecture;
}

function isVersionedKernel(name: string): boolean {
  return /^linux-(?:image|headers|modules|modules-extra|tools|kbuild|buildinfo)-(?:unsigned-)?\d/.test(name);
}

/** Installers mark libraries as asked for that only came with what needs them. */
function withoutLibraries(
  packages: readonly InventoryPackage[],
  graph: PackageGraph,
  bare: BareSystem,
): InventoryPackage[] {
  const isLibrary = ({ name }: InventoryPackage) =>
    /^(?:lib|gcc-\d+-base)/.test(name) && !/-(?:dev|bin|tools?)$/.test(name);
  const programs = packages.filter((one) => !isLibrary(one));
  const covered = graph.closure([...bare.packages, ...programs.map((one) => one.name)]);
  const libraries = packages.filter((one) => isLibrary(one) && !covered.has(one.name));
  const own = new Set([...programs, ...libraries]);
  return packages.filter((one) => own.has(one));
}

/** The fewest of some packages that bring all of them along. */
function leaves(packages: readonly InventoryPackage[], graph: PackageGraph): InventoryPackage[] {
  const reach = new Map(packages.map((one) => [one.name, graph.closure([one.name])]));
  // Those that bring most come first, so that of two that bring each other the same one is always taken.
  const order = packages.toSorted(
    (a, b) => reach.get(b.name)!.size - reach.get(a.name)!.size || (a.name < b.name ? -1 : 1),
  );
  const covered = new Set<string>();
  const chosen = new Set<string>();
  for (const { name } of order) {
    if (covered.has(name)) continue;
    chosen.add(name);
    for (const other of reach.get(name)!) covered.add(other);
  }
  return packages.filter((one) => chosen.has(one.name));
}
