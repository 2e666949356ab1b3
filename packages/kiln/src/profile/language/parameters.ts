import type { SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Places } from '../../base/yaml/places.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import type { PlacedText } from '../../base/yaml/shape.ts';
import { factNames } from '../facts.ts';
import type { ParameterValue } from './condition-subjects.ts';
import { checkValue, typedValue } from './parameter-values.ts';
import type { ParameterEntry, ParameterType } from './sections/parameters-shape.ts';

/** What the files say of one parameter, the later over the earlier. */
export interface ParameterDraft {
  readonly at: SourceLocation;
  readonly type?: ParameterType | undefined;
  readonly default?: WrittenValue | undefined;
  readonly values?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly secret?: boolean | undefined;
  readonly env?: string | undefined;
  /** Its default is wrong, which was reported. */
  readonly isBroken?: boolean | undefined;
}

/** A default with its place; its type counts when none is declared. */
export interface WrittenValue {
  readonly text: string | readonly string[];
  readonly type: ParameterType;
  readonly at: SourceLocation;
}

/** Values of parameters: what is given from outside, and where it would be given, for hints. */
export interface ParameterInputs {
  readonly given: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables of a file around the profile. */
  readonly around: ReadonlyMap<string, string>;
}

export interface Parameters {
  readonly values: ReadonlyMap<string, ParameterValue>;
  /** Without a value, which was reported. */
  readonly unset: ReadonlySet<string>;
  readonly secrets: readonly string[];
}

/** Reads what one file declares. */
export function readParameters(
  entries: Readonly<Record<string, ParameterEntry>>,
  places: Places,
  problems: Problems,
): ReadonlyMap<string, ParameterDraft> {
  const drafts = new Map<string, ParameterDraft>();
  for (const [name, entry] of Object.entries(entries)) {
    const at = places.of(entries, name);
    if (factNames.includes(name)) {
      problems.error(at, `a parameter cannot be called "${name}", which is a fact`, 'give it another name');
      continue;
    }
    if (isValue(entry)) {
      const value = writtenValue(entry, at, problems);
      drafts.set(name, { at, default: value, isBroken: value === undefined });
      continue;
    }
    const { default: value, description: _words, ...rest } = entry;
    const valueAt = value === undefined ? at : places.of(entry, 'default');
    const read = value === undefined ? undefined : writtenValue(value, valueAt, problems);
    drafts.set(name, {
      ...rest,
      at,
      ...(read && { default: read }),
      isBroken: places.has(entry, 'default') && read === undefined,
    });
  }
  return drafts;
}

function isValue(entry: ParameterEntry): entry is PlacedText | readonly PlacedText[] {
  return Array.isArray(entry) || ('text' in entry && 'at' in entry && typeof entry.at === 'function');
}

function writtenValue(
  value: PlacedText | readonly PlacedText[],
  at: SourceLocation,
  problems: Problems,
): WrittenValue | undefined {
  const texts = isSingle(value) ? [value] : value;
  for (const one of texts) {
    const index = one.text.indexOf('${');
    if (index < 0) continue;
    problems.error(one.at(index), "a parameter's value cannot take other parameters", 'write the value out');
    return undefined;
  }
  if (!isSingle(value)) return { text: value.map(({ text }) => text), type: 'list', at };
  const types = { text: 'string', number: 'number', switch: 'boolean' } as const;
  return { text: value.text, type: types[value.type], at: value.at(0) };
}

function isSingle(value: PlacedText | readonly PlacedText[]): value is PlacedText {
  return !Array.isArray(value);
}

/** Values of all parameters, from what the files declare (lowest first) and what is given. */
export function resolveParameters(
  layers: readonly ReadonlyMap<string, ParameterDraft>[],
  inputs: ParameterInputs,
  start: SourceLocation,
  problems: Problems,
): Parameters {
  const drafts = mergeDrafts(layers);
  const values = new Map<string, ParameterValue>();
  const unset = new Set<string>();
  const secrets: string[] = [];
  for (const [name, draft] of drafts) {
    const type = typeOf(draft);
    const chosen = choose(name, draft, inputs);
    if (draft.secret && chosen) secrets.push(...[chosen.text].flat().filter((text) => text !== ''));
    if (!chosen) {
      unset.add(name);
      if (draft.isBroken) continue;
      problems.error(draft.at, `the parameter "${name}" has no value`, howToGive(name, draft));
      continue;
    }
    const value = typedValue(chosen.text, type);
    const problem =
      value === undefined
        ? { problem: `is no ${typeWords[type]}`, hint: `give it ${typeExamples[type]}` }
        : checkValue(value, type, draft);
    if (problem) {
      unset.add(name);
      const shown = draft.secret ? 'its value' : JSON.stringify(chosen.text);
      problems.error(
        chosen.at ?? draft.at,
        `the parameter "${name}": ${shown} ${problem.problem}`,
        problem.hint,
      );
    } else values.set(name, value!);
  }
  for (const name of Object.keys(inputs.given)) {
    if (drafts.has(name)) continue;
    problems.error(
      start,
      `a value is given for "${name}", but there is no such parameter`,
      didYouMean(name, drafts.keys()) ?? 'declare it under "parameters:"',
    );
  }
  return { values, unset, secrets };
}

function mergeDrafts(
  layers: readonly ReadonlyMap<string, ParameterDraft>[],
): ReadonlyMap<string, ParameterDraft> {
  const merged = new Map<string, ParameterDraft>();
  for (const layer of layers) {
    for (const [name, draft] of layer) {
      const given = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
      const below = merged.get(name);
      // A new default does not change what type a parameter has.
      const type = draft.type ?? (below && typeOf(below));
      merged.set(name, { ...below, ...given, at: draft.at, type });
    }
  }
  return merged;
}

function typeOf(draft: ParameterDraft): ParameterType {
  return draft.type ?? (draft.values ? 'enum' : (draft.default?.type ?? 'string'));
}

interface Chosen {
  readonly text: string | readonly string[];
  /** Where it stands, when that is in a file. */
  readonly at?: SourceLocation;
}

function choose(
  name: string,
  draft: ParameterDraft,
  { given, env, around }: ParameterInputs,
): Chosen | undefined {
  const outside =
    (Object.hasOwn(given, name) ? given[name] : undefined) ??
    env[`KILN_VAR_${name}`] ??
    (draft.env === undefined ? undefined : env[draft.env]) ??
    around.get(name);
  return outside === undefined ? draft.default : { text: outside };
}

function howToGive(name: string, { env }: ParameterDraft): string {
  const variable = env === undefined ? '' : `, the environment variable ${env}`;
  return `give it with --set ${name}=…${variable} or KILN_VAR_${name}, or write a default`;
}

const typeWords: Readonly<Record<ParameterType, string>> = {
  string: 'text',
  number: 'number',
  boolean: 'true or false',
  list: 'list',
  enum: 'text',
};
const typeExamples: Readonly<Record<ParameterType, string>> = {
  string: 'a text',
  number: 'a number, such as 8080',
  boolean: 'true or false',
  list: 'a list; on the command line with commas between its entries',
  enum: 'one of its values',
};
