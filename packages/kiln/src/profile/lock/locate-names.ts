import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import type { SourceLocation } from '../../base/errors.ts';
import { isSystemError } from '../../base/errors.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { parseYaml, type YamlDocument } from '../../base/yaml/yaml-document.ts';

export interface NamingFile {
  readonly path: string;
  /** How the user knows it. */
  readonly shown: string;
}

export type LocateName = (what: 'package' | 'repository', name: string) => SourceLocation | undefined;

/** More bases than anybody has. */
const mostFiles = 200;

/**
 * Finds where files name packages and repositories, for messages about them: under `packages` and `repositories`,
 * wherever these are in a file, and in the local profiles that it is based on. Files are read when the first name is
 * looked for; the first that has it counts.
 */
export function locateNames(files: readonly NamingFile[]): LocateName {
  let places: ReadonlyMap<string, SourceLocation> | undefined;
  return (what, name) => {
    places ??= placesIn(files);
    return places.get(`${what} ${name}`);
  };
}

function placesIn(files: readonly NamingFile[]): ReadonlyMap<string, SourceLocation> {
  const places = new Map<string, SourceLocation>();
  const queue = new Map(files.map((file) => [file.path, file]));
  for (const { path, shown } of queue.values()) {
    const yaml = queue.size > mostFiles ? undefined : parse(path, shown);
    if (!yaml) continue;
    visit(yaml.document, {
      Pair(_key, { key, value }) {
        if (!isScalar(key)) return;
        if (key.value === 'extends' || key.value === 'profile') {
          for (const name of basesIn(value)) {
            const base = { path: resolve(dirname(path), name), shown: join(dirname(shown), name) };
            if (!queue.has(base.path)) queue.set(base.path, base);
          }
        }
        const what = { packages: 'package', repositories: 'repository' }[String(key.value)];
        if (what === undefined) return;
        for (const [name, node] of namesUnder(value)) {
          const id = `${what} ${name}`;
          if (!places.has(id)) places.set(id, yaml.locate(node.range?.[0] ?? 0));
        }
      },
    });
  }
  return places;
}

function parse(path: string, shown: string): YamlDocument | undefined {
  try {
    const kind = { name: shown, whenEmpty: '', whenBinary: '', knowsReset: true };
    return parseYaml(shown, readFileSync(path, 'utf8'), kind, new Problems());
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Words that name local files: not what is in the store or behind a URL. */
function basesIn(node: unknown): string[] {
  const items = isSeq(node) ? node.items : [node];
  return items.flatMap((item) =>
    isScalar(item) &&
    typeof item.value === 'string' &&
    /\.(?:ya?ml|cfg|txt)$/.test(item.value) &&
    !/^\w+:/.test(item.value)
      ? [item.value]
      : [],
  );
}

/** Entries of a list (a word, or a mapping with a name), or the keys of a mapping. */
function namesUnder(node: unknown): (readonly [string, Node])[] {
  if (isMap(node))
    return node.items.flatMap(({ key }) => (isScalar(key) ? [[String(key.value), key] as const] : []));
  if (!isSeq(node)) return [];
  return node.items.flatMap((item): (readonly [string, Node])[] => {
    if (isScalar(item)) return [[String(item.value).split(/[\s=]/, 1)[0]!, item]];
    const name = isMap(item) ? item.get('name', true) : undefined;
    return isScalar(name) ? [[String(name.value), name]] : [];
  });
}
