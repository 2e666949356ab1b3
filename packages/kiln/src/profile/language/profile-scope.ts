import type { Scope } from '../../base/yaml/interpolate.ts';
import type { Facts, OperatingSystem } from '../../plan/profile.ts';
import { factNames, factsOfSystem } from '../facts.ts';
import type { ConditionScope } from './condition-subjects.ts';
import type { Parameters } from './parameters.ts';

export interface ScopeSources {
  readonly os: OperatingSystem | undefined;
  readonly facts: Facts;
  /** Variables of a file around a profile. */
  readonly around?: Pick<Scope, 'values' | 'unset'> | undefined;
}

/** What `${…}` and conditions of one file can refer to. */
export function scopeOf(
  { values, unset }: Parameters,
  { os, facts, around }: ScopeSources,
): ConditionScope & { readonly scope: Scope } {
  const texts = new Map<string, string>(around?.values);
  const lists = new Map<string, readonly string[]>();
  for (const [name, value] of values) {
    if (typeof value === 'object') lists.set(name, value);
    else texts.set(name, String(value));
  }
  const known: Facts = { ...(os && factsOfSystem(os.distribution, os.release)), ...facts };
  for (const [name, value] of Object.entries(known)) texts.set(name, String(value));
  const unknown = new Map(
    factNames
      .filter((name) => !Object.hasOwn(known, name))
      .map((name) => [
        name,
        {
          message: `the fact "${name}" is not known where this profile is read`,
          hint: name.startsWith('os.')
            ? 'name the system: "os: debian/12"'
            : `give it (--facts ${name}=…), or use it in "when" only, which each machine decides for itself`,
        },
      ]),
  );
  const parameterValues = new Map<string, string | number | boolean | readonly string[]>([
    ...(around?.values ?? []),
    ...values,
  ]);
  const unsetParameters = new Set([...unset, ...(around?.unset ?? [])]);
  return {
    scope: { values: texts, unset: unsetParameters, lists, unknown, dotted: true, noun: 'parameter' },
    parameterValues,
    unsetParameters,
  };
}
