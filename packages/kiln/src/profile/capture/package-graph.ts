import type { InventoryPackage } from '../inventory/inventory.ts';

/** Which installed packages bring which others along when they are installed. */
export class PackageGraph {
  readonly #packages = new Map<string, InventoryPackage>();
  readonly #providers = new Map<string, string[]>();

  constructor(packages: readonly InventoryPackage[]) {
    for (const one of packages) {
      if (one.state !== 'installed') continue;
      this.#packages.set(one.name, one);
      for (const name of one.provides) {
        const known = this.#providers.get(name);
        if (known) known.push(one.name);
        else this.#providers.set(name, [one.name]);
      }
    }
  }

  /**
   * The installed ones of the given packages, and everything that comes with them for certain: the first alternative
   * of a dependency, or the only installed one where that is a name that packages stand for. Where a package manager
   * could choose otherwise than it was chosen here, nothing comes along.
   */
  closure(roots: Iterable<string>): Set<string> {
    const found = new Set<string>();
    const waiting = [...roots].filter((name) => this.#packages.has(name));
    while (waiting.length > 0) {
      const name = waiting.pop()!;
      if (found.has(name)) continue;
      found.add(name);
      for (const [first] of this.#packages.get(name)!.depends) {
        const brought = first === undefined ? undefined : this.#broughtBy(first);
        if (brought !== undefined && !found.has(brought)) waiting.push(brought);
      }
    }
    return found;
  }

  #broughtBy(name: string): string | undefined {
    if (this.#packages.has(name)) return name;
    const providers = this.#providers.get(name) ?? [];
    return providers.length === 1 ? providers[0] : undefined;
  }
}
