import { namesInRelation } from './control-stanza.ts';
import type { PackageIndex } from './package-index.ts';
import { siblingsOf } from './siblings.ts';

/** Versions to stay at, by name of the package. */
export type Pins = ReadonlyMap<string, string>;

/**
 * What to stay at, in the order to try: as much as can be first. What is free, and what comes of the same source, may
 * move from the start; then what that needs; then everything.
 * @param free names of packages that are wanted in their newest version, or that are new
 */
export function pinAttempts(pins: Pins, free: readonly string[], index: PackageIndex): Pins[] {
  if (pins.size === 0) return [pins];
  const moving = new Set(free);
  for (const name of free) {
    const version = pins.get(name);
    if (version !== undefined) for (const sibling of siblingsOf(name, version, index)) moving.add(sibling);
    for (const sibling of siblingsOf(name, index.find(name)[0]?.version ?? '', index)) moving.add(sibling);
  }
  const attempts = [without(pins, moving)];
  const needed = new Set(moving);
  for (const name of needed) {
    const stanza = index.find(name)[0]?.stanza;
    for (const field of ['pre-depends', 'depends'])
      for (const other of namesInRelation(stanza?.get(field))) needed.add(other);
  }
  attempts.push(without(pins, needed), new Map());
  return attempts.filter((one, at) => at === 0 || one.size < attempts[at - 1]!.size);
}

function without(pins: Pins, names: ReadonlySet<string>): Pins {
  return new Map([...pins].filter(([name]) => !names.has(name)));
}
