import {
  type Fields,
  type NamedShape,
  named,
  oneOf,
  openList,
  type RecordShape,
  record,
  resettable,
  type Shape,
} from '../../base/yaml/shape.ts';

/**
 * Things that have a name are written as a list of things that say theirs, or as a map by name: the two records of one
 * thing.
 */
export function bothForms<const N extends Fields, const F extends Fields>(
  what: string,
  naming: N,
  fields: F,
  synonyms: RecordShape['synonyms'],
): { readonly listed: RecordShape<N & F>; readonly mapped: RecordShape<F> } {
  return {
    listed: record<N & F>(what, { ...naming, ...fields }, { synonyms }),
    mapped: record(what, fields, { synonyms }),
  };
}

/** A section of such things, each of which, or all, a profile above can take back. */
export function listOrMap<L extends Shape, M extends Shape>(listed: L, key: NamedShape['key'], mapped: M) {
  return resettable(oneOf(openList(resettable(listed)), named(key, resettable(mapped))));
}
