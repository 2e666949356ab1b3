import { namesInRelation, sourceName } from './control-stanza.ts';
import type { PackageIndex } from './package-index.ts';

/**
 * Names of the packages that come of the same source in the same version as one, as far as its dependencies lead to
 * them: they often need each other in exactly that version. The package itself is among them.
 */
export function siblingsOf(name: string, version: string, index: PackageIndex): string[] {
  const inVersion = (one: string) => index.find(one).find((found) => found.version === version);
  const own = inVersion(name);
  if (!own) return [name];
  const source = sourceName(own.stanza);
  const siblings = new Set([name]);
  for (const sibling of siblings) {
    const stanza = inVersion(sibling)!.stanza;
    const near = ['pre-depends', 'depends', 'recommends'].flatMap((field) =>
      namesInRelation(stanza.get(field)),
    );
    for (const other of near) {
      const found = siblings.has(other) ? undefined : inVersion(other);
      if (found && sourceName(found.stanza) === source) siblings.add(other);
    }
  }
  return [...siblings];
}
