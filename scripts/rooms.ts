/**
 * The rooms of packages/kiln/src, top first. A room imports only from itself and from rooms below it; dialects know
 * nothing of each other.
 */
export const rooms = [
  'cli',
  'service',
  'machines',
  'dialects',
  'engine',
  'steps',
  'outputs',
  'hosts',
  'profile',
  'sources',
  'supply',
  'guests',
  'store',
  'text',
  'plan',
  'base',
] as const;

/** What each package may import of its siblings. */
export const packageImports: Readonly<Record<string, readonly string[]>> = {
  kiln: ['@kiln/diskimage', '@kiln/gotemplate', '@kiln/hcl'],
  diskimage: [],
  gotemplate: [],
  hcl: [],
};

/** Why `from` (a path below packages/) may not import `specifier`, or undefined when it may. */
export function importFault(from: string, specifier: string): string | undefined {
  const owner = from.split('/')[0]!;
  if (specifier.startsWith('@kiln/')) {
    return packageImports[owner]?.includes(specifier)
      ? undefined
      : `package ${owner} may not import ${specifier}`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const target = resolvePath(from, specifier);
  if (target.split('/')[0] !== owner) return `${specifier} leaves the package ${owner}`;
  if (owner !== 'kiln') return undefined;
  const [fromRoom, toRoom] = [from.split('/')[2]!, target.split('/')[2]!];
  const [fromPlace, toPlace] = [placeOf(fromRoom), placeOf(toRoom)];
  if (fromPlace === undefined) return `${fromRoom} is not a room that scripts/rooms.ts knows`;
  if (toPlace === undefined) return `${toRoom} is not a room that scripts/rooms.ts knows`;
  if (toPlace < fromPlace) return `${fromRoom} stands below ${toRoom} and may not import from it`;
  if (fromRoom === 'dialects' && toRoom === 'dialects' && from.split('/')[3] !== target.split('/')[3]) {
    return `the dialect ${from.split('/')[3]} may not know of ${target.split('/')[3]}`;
  }
  return undefined;
}

/** The specifiers of a TypeScript file's imports and exports, with dynamic ones. */
export function importsOf(source: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g;
  return [...source.matchAll(pattern)].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

function placeOf(room: string): number | undefined {
  const place = rooms.indexOf(room as (typeof rooms)[number]);
  return place < 0 ? undefined : place;
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
