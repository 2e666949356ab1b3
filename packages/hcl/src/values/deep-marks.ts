import type { Path } from './path.ts';
import { type Mark, noMarks, unmarked, type Value, withMarks } from './value.ts';
import { childrenOf, mapChildren } from './walk.ts';

/** Whether the value or anything inside is marked. */
export function containsMarks(value: Value): boolean {
  if (value.marks.size > 0) return true;
  for (const child of childrenOf(value)) if (containsMarks(child)) return true;
  return false;
}

/** Whether the value or anything inside has this mark. */
export function containsMark(value: Value, mark: Mark): boolean {
  if (value.marks.has(mark)) return true;
  for (const child of childrenOf(value)) if (containsMark(child, mark)) return true;
  return false;
}

/** All marks of the value and of everything inside. */
export function marksDeep(value: Value): ReadonlySet<Mark> {
  if (!containsMarks(value)) return noMarks;
  const marks = new Set<Mark>();
  collect(value, marks);
  return marks;
}

function collect(value: Value, marks: Set<Mark>): void {
  for (const mark of value.marks) marks.add(mark);
  for (const child of childrenOf(value)) collect(child, marks);
}

/** The value without any marks, and all the marks it had, at any depth. */
export function unmarkedDeep(value: Value): { readonly value: Value; readonly marks: ReadonlySet<Mark> } {
  if (!containsMarks(value)) return { value, marks: noMarks };
  return { value: stripped(value), marks: marksDeep(value) };
}

function stripped(value: Value): Value {
  return mapChildren(unmarked(value), stripped);
}

/** Marks, and where in a value they belong. */
export interface PathMarks {
  readonly path: Path;
  readonly marks: ReadonlySet<Mark>;
}

/** The value without any marks, and where each was, to be put back with `withPathMarks`. */
export function unmarkedWithPaths(value: Value): {
  readonly value: Value;
  readonly marks: readonly PathMarks[];
} {
  if (!containsMarks(value)) return { value, marks: [] };
  const found: PathMarks[] = [];
  return { value: strippedInto(value, [], found), marks: found };
}

function strippedInto(value: Value, path: Path, found: PathMarks[]): Value {
  if (value.marks.size > 0) found.push({ path, marks: value.marks });
  return mapChildren(unmarked(value), (child, step) => strippedInto(child, [...path, step], found));
}

/** Puts marks where they were. Those of places that the value does not have go to the nearest that it has. */
export function withPathMarks(value: Value, marks: readonly PathMarks[]): Value {
  if (marks.length === 0) return value;
  return markedAt(value, marks, 0);
}

function markedAt(value: Value, all: readonly PathMarks[], depth: number): Value {
  const below = new Map<string, PathMarks[]>();
  for (const entry of all) {
    if (entry.path.length === depth) continue;
    const key = JSON.stringify(entry.path[depth]);
    const group = below.get(key);
    if (group) group.push(entry);
    else below.set(key, [entry]);
  }
  const reached = new Set<string>();
  const inside = mapChildren(value, (child, step) => {
    const key = JSON.stringify(step);
    const group = step.kind === 'element' ? undefined : below.get(key);
    if (!group) return child;
    reached.add(key);
    return markedAt(child, group, depth + 1);
  });
  const own = all.filter(({ path }) => path.length === depth || !reached.has(JSON.stringify(path[depth])));
  return withMarks(inside, ...own.map((entry) => entry.marks));
}
