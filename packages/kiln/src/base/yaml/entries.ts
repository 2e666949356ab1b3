import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { SourceLocation } from '../errors.ts';
import type { Problems } from './problems.ts';

/** One line of a mapping. */
export interface Entry {
  readonly key: Node;
  readonly value: Node | null;
  /** It came from another mapping by a merge key. */
  readonly merged: boolean;
}

interface EntriesContext {
  readonly at: (node: unknown) => SourceLocation;
  readonly follow: (node: unknown) => Node | undefined;
  readonly problems: Problems;
}

/**
 * The entries of a mapping by key. Reports keys that stand twice and keys that are no text. A merge key (`<<`, from
 * YAML 1.1, which Compose files use too) brings another mapping's entries; the mapping's own are stronger.
 */
export function readEntries(map: YAMLMap, context: EntriesContext): ReadonlyMap<string, Entry> {
  const own = new Map<string, Entry>();
  const merged = new Map<string, Entry>();
  collect(map, context, own, merged, new Set([map]));
  for (const [key, entry] of merged) if (!own.has(key)) own.set(key, entry);
  return own;
}

function collect(
  map: YAMLMap,
  context: EntriesContext,
  own: Map<string, Entry>,
  merged: Map<string, Entry>,
  seen: Set<unknown>,
): void {
  for (const { key, value } of map.items) {
    if (!isScalar(key)) {
      context.problems.error(context.at(key), 'a name must be plain text', 'check the brackets and colons');
      continue;
    }
    const name = key.source ?? String(key.value);
    const entry: Entry = { key, value: (value as Node | null) ?? null, merged: false };
    if (name === '<<') {
      mergeFrom(entry, context, merged, seen);
      continue;
    }
    const before = own.get(name);
    if (before) {
      context.problems.error(
        context.at(key),
        `"${name}" is given twice`,
        `the first one is on line ${context.at(before.key).line}`,
      );
      continue;
    }
    own.set(name, entry);
  }
}

function mergeFrom(
  entry: Entry,
  context: EntriesContext,
  merged: Map<string, Entry>,
  seen: Set<unknown>,
): void {
  const source = context.follow(entry.value);
  const sources = isSeq(source) ? source.items.map((item) => context.follow(item)) : [source];
  for (const one of sources) {
    if (one === undefined) continue;
    if (!isMap(one)) {
      context.problems.error(
        context.at(entry.value ?? entry.key),
        '"<<" must name a mapping, such as *common',
      );
      continue;
    }
    if (seen.has(one)) {
      context.problems.error(context.at(entry.value ?? entry.key), 'this mapping merges itself');
      continue;
    }
    const theirs = new Map<string, Entry>();
    const inherited = new Map<string, Entry>();
    collect(one, context, theirs, inherited, new Set([...seen, one]));
    for (const [key, found] of [...theirs, ...inherited]) {
      if (!merged.has(key)) merged.set(key, { ...found, merged: true });
    }
  }
}
