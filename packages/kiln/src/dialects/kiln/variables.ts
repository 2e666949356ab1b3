import { isMap, isScalar } from 'yaml';
import type { SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Scope } from '../../base/yaml/interpolate.ts';
import type { Places } from '../../base/yaml/places.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import { readShape } from '../../base/yaml/read-shape.ts';
import type { YamlDocument } from '../../base/yaml/yaml-document.ts';
import { type VariableEntry, variablesShape } from './kiln-file.ts';

export interface VariableInputs {
  /** From the command line and variable files; the strongest. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Variables extends Scope {
  /** Values of sensitive variables. */
  readonly secrets: readonly string[];
}

/**
 * The values of the file's variables: the command line's, else `KILN_VAR_name`, else the environment variable that
 * the file names, else the default. The file's other parts are read after this.
 */
export function readVariables(
  yaml: YamlDocument,
  inputs: VariableInputs,
  problems: Problems,
  places: Places,
): Variables {
  const node = isMap(yaml.root) ? yaml.root.get('variables', true) : undefined;
  // A default is fixed: one that took other variables would make their order matter.
  const nothing: Scope = { values: new Map(), unset: new Set(), fixed: true };
  const declared =
    node === undefined
      ? undefined
      : readShape(node, variablesShape, 'variables', { yaml, scope: nothing, problems, places });
  const whole: SourceLocation = declared ? places.of(declared) : yaml.locate(0);
  const values = new Map<string, string>();
  const unset = new Set<string>();
  const secrets: string[] = [];
  // A variable that could not be read is reported; those who use it are not to blame as well.
  if (isMap(node)) for (const { key } of node.items) if (isScalar(key)) unset.add(String(key.value));
  for (const [name, entry] of Object.entries(declared ?? {})) {
    const value = chosenValue(name, entry, inputs);
    if (value === undefined) {
      problems.error(
        places.of(declared!, name),
        `the variable "${name}" has no value`,
        howToSet(name, entry),
      );
      continue;
    }
    values.set(name, value);
    unset.delete(name);
    if (typeof entry !== 'string' && entry.sensitive && value !== '') secrets.push(value);
  }
  for (const name of Object.keys(inputs.variables)) {
    if (values.has(name) || unset.has(name)) continue;
    problems.error(
      whole,
      `a value is given for "${name}", but there is no such variable`,
      didYouMean(name, [...values.keys(), ...unset]) ?? 'declare it under "variables:"',
    );
  }
  return { values, unset, secrets };
}

function chosenValue(name: string, entry: VariableEntry, inputs: VariableInputs): string | undefined {
  if (Object.hasOwn(inputs.variables, name)) return inputs.variables[name];
  const own = inputs.env[`KILN_VAR_${name}`];
  if (own !== undefined) return own;
  if (typeof entry === 'string') return entry;
  return (entry.env === undefined ? undefined : inputs.env[entry.env]) ?? entry.default;
}

function howToSet(name: string, entry: VariableEntry): string {
  const fromEnv =
    typeof entry !== 'string' && entry.env !== undefined ? `, the environment variable ${entry.env}` : '';
  return `give it with --var ${name}=…${fromEnv} or KILN_VAR_${name}, or write a default`;
}
