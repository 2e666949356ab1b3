import type { SourceLocation } from '../../base/errors.ts';
import { Reset } from '../../base/yaml/shape.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerItem, Places, SectionLayer } from './layers.ts';

/** One entry of a section, whichever way it is written. */
export interface NamedDraft<D> {
  readonly name: string;
  readonly draft: D;
  readonly places?: Places<D>;
}

/** Where an entry stands, for what is wrong with it as a whole. */
export interface EntryContext extends LayerContext {
  readonly at: SourceLocation;
}

/** The ways in which the entries of a section are written. Undefined: it is wrong, which is reported. */
export interface EntryReaders<L, M, D> {
  fromList(entry: L, context: EntryContext): NamedDraft<D> | undefined;
  fromMap(name: string, value: M, context: EntryContext): NamedDraft<D> | undefined;
}

type Section<L, M> = readonly (L | Reset<L>)[] | Readonly<Record<string, M | Reset<M>>>;

/** Reads a section that is a list of entries with names in them, or a mapping of names to entries. */
export function readSection<L, M, D extends object>(
  section: Section<L, M> | Reset<Section<L, M>> | undefined,
  context: LayerContext,
  readers: EntryReaders<L, M, D>,
): SectionLayer<D> {
  if (section === undefined) return { reset: false, items: [] };
  const reset = section instanceof Reset;
  const entries = section instanceof Reset ? section.value : section;
  if (entries === undefined) return { reset, items: [] };
  const items = isList(entries) ? readList(entries, context, readers) : readMap(entries, context, readers);
  return { reset, items };
}

function isList<L, M>(section: Section<L, M>): section is readonly (L | Reset<L>)[] {
  return Array.isArray(section);
}

function readList<L, M, D extends object>(
  list: readonly (L | Reset<L>)[],
  context: LayerContext,
  readers: EntryReaders<L, M, D>,
): LayerItem<D>[] {
  return list.flatMap((entry, index) => {
    const at = context.places.of(list, index);
    if (!(entry instanceof Reset)) {
      const read = readers.fromList(entry, { ...context, at });
      return read ? [itemOf(read, at, 'merge')] : [];
    }
    if (entry.value === undefined) {
      context.problems.error(
        at,
        '"!reset" does not say what to forget',
        'write the name behind it: - !reset nginx',
      );
      return [];
    }
    const read = readers.fromList(entry.value, { ...context, at });
    return read ? [itemOf(read, at, isNameAlone(entry.value) ? 'drop' : 'replace')] : [];
  });
}

function readMap<L, M, D extends object>(
  map: Readonly<Record<string, M | Reset<M>>>,
  context: LayerContext,
  readers: EntryReaders<L, M, D>,
): LayerItem<D>[] {
  return Object.entries(map).flatMap(([name, value]) => {
    const at = context.places.of(map, name);
    const within = { ...context, at };
    if (value instanceof Reset && value.value === undefined) {
      // The name is read as any other, so that one without a suffix finds what it means.
      const read = readers.fromMap(name, null as M, within);
      return [{ name: read?.name ?? name, at, how: 'drop', draft: {} as D, places: {} }];
    }
    const read = readers.fromMap(name, value instanceof Reset ? value.value! : value, within);
    return read ? [itemOf(read, at, value instanceof Reset ? 'replace' : 'merge')] : [];
  });
}

function isNameAlone(entry: unknown): boolean {
  return (
    typeof entry !== 'object' ||
    entry === null ||
    Object.keys(entry).every((key) => key === 'name' || key === 'path')
  );
}

function itemOf<D>(
  { name, draft, places }: NamedDraft<D>,
  at: SourceLocation,
  how: LayerItem<D>['how'],
): LayerItem<D> {
  return { name, at, how, draft, places: places ?? {} };
}
