import type { SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Problems } from '../../base/yaml/problems.ts';

/** What one file says of one named thing: fields that it does not give are undefined, or not there. */
export interface LayerItem<D> {
  readonly name: string;
  readonly at: SourceLocation;
  /** `merge` puts it over what was inherited, field by field; `replace` forgets that first; `drop` is only that. */
  readonly how: 'merge' | 'replace' | 'drop';
  readonly draft: D;
  /** Where its fields stand. */
  readonly places: Places<D>;
}

export type Places<D> = { readonly [K in keyof D]?: SourceLocation };

/** What one file says of one kind of things. */
export interface SectionLayer<D> {
  /** Forget everything inherited. */
  readonly reset: boolean;
  readonly items: readonly LayerItem<D>[];
}

/** A thing after every file has had its say. */
export type MergedItem<D> = Pick<LayerItem<D>, 'name' | 'at' | 'draft' | 'places'>;

/** Puts one file's fields over those of the files below it. */
export type Combine<D> = (below: D, above: D) => D;

/** Fields that are given replace those that were. */
export function overlay<D extends object>(below: D, above: D): D {
  const given = Object.entries(above).filter(([, value]) => value !== undefined);
  return { ...below, ...Object.fromEntries(given) };
}

/**
 * Merges what files say, lowest first. Things are told apart by their names and stand in the order in which they were
 * named first. Something given twice in one file, or dropped where nothing was inherited, is reported.
 */
export function mergeLayers<D extends object>(
  what: string,
  layers: readonly SectionLayer<D>[],
  problems: Problems,
  combine: Combine<D> = overlay,
): readonly MergedItem<D>[] {
  const merged = new Map<string, MergedItem<D>>();
  for (const { reset, items } of layers) {
    const own = new Map<string, LayerItem<D>>();
    const inherited = [...merged.keys()];
    if (reset) merged.clear();
    for (const item of items) {
      const first = own.get(item.name);
      if (first) {
        problems.error(
          item.at,
          `${what} ${item.name} is given twice`,
          `the first one is on line ${first.at.line}; make one of them`,
        );
        continue;
      }
      own.set(item.name, item);
      const below = merged.get(item.name);
      if (item.how === 'drop') {
        if (!inherited.includes(item.name)) reportNothingToDrop(what, item, inherited, problems);
        merged.delete(item.name);
      } else if (below && item.how === 'merge') {
        merged.set(item.name, {
          name: item.name,
          at: item.at,
          draft: combine(below.draft, item.draft),
          places: { ...below.places, ...item.places },
        });
      } else merged.set(item.name, item);
    }
  }
  return [...merged.values()];
}

function reportNothingToDrop(
  what: string,
  { name, at }: LayerItem<object>,
  inherited: readonly string[],
  problems: Problems,
): void {
  problems.error(
    at,
    `no base of this file has ${what} ${name}, so there is nothing to drop`,
    didYouMean(name, inherited) ?? 'take the line out; "absent: true" is what removes it from a machine',
  );
}
