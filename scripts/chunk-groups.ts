import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/** Source files, relative to the working folder, that are to be in one file with all that they load at once. */
export type ChunkGroup = readonly string[];

/** What needs less of a group than this part of its bytes is better off with small files. */
const worthwhile = 0.3;

/**
 * Keeps what commands load together in one file. esbuild makes a chunk for each set of entry points that share code, and
 * everything that is loaded late is an entry point: a command would have to open dozens of small files. The first group is
 * made a part of whatever is loaded late, and a later one of all that needs much of it, so that a group has few sets of
 * entry points.
 */
export async function chunkGroups(options: BuildOptions, groups: readonly ChunkGroup[]): Promise<Plugin> {
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const late = lateModules(metafile);
  const taken = new Set<string>();
  const additions = new Map<string, number[]>();
  for (const [index, roots] of groups.entries()) {
    const modules = new Set(roots.flatMap((root) => [...reachable(metafile, root)]));
    const own = [...modules].filter((path) => !taken.has(path));
    for (const path of own) taken.add(path);
    for (const path of late) {
      const reached = reachable(metafile, path);
      const shared = bytesOf(
        metafile,
        own.filter((one) => reached.has(one)),
      );
      if (index > 0 && shared < bytesOf(metafile, own) * worthwhile) continue;
      additions.set(resolve(path), [...(additions.get(resolve(path)) ?? []), index]);
    }
  }
  const filter = /^chunk-group:/;
  return {
    name: 'chunk-groups',
    setup(setup) {
      setup.onResolve({ filter }, ({ path }) => ({ path, namespace: 'chunk-group', sideEffects: true }));
      setup.onLoad({ filter, namespace: 'chunk-group' }, ({ path }) => ({
        contents: groups[Number(path.split(':')[1])]!.map(
          (root) => `import ${JSON.stringify(resolve(root))};`,
        ).join(''),
        resolveDir: process.cwd(),
      }));
      setup.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const indexes = additions.get(path);
        if (indexes === undefined) return undefined;
        const imports = indexes.map((index) => `import "chunk-group:${index}";`).join('');
        return { contents: `${imports}${await readFile(path, 'utf8')}`, loader: 'ts' };
      });
    },
  };
}

/** Our own modules that are loaded by `import()`. */
function lateModules({ inputs }: Metafile): ReadonlySet<string> {
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const paths = imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path);
  return new Set(paths.filter((path) => path.endsWith('.ts') && inputs[path] !== undefined));
}

function bytesOf({ inputs }: Metafile, paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (inputs[path]?.bytes ?? 0), 0);
}

/** A module and all that is loaded with it. */
function reachable({ inputs }: Metafile, root: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(root) || inputs[root] === undefined) return found;
  found.add(root);
  for (const { path, kind } of inputs[root].imports)
    if (kind !== 'dynamic-import') reachable({ inputs } as Metafile, path, found);
  return found;
}
