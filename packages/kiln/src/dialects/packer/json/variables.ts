import { usesOf } from '@kiln/gotemplate';
import { KilnError, type SourceLocation } from '../../../base/errors.ts';
import { readJson } from '../../../base/json/read-json.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { parseSource, renderSource } from '../../../text/render-text.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import type { Problems } from '../problems.ts';
import { describeNode, type ValueNode } from '../value-node.ts';

export interface VariableInputs {
  /** From `-var name=value`. */
  readonly variables: Readonly<Record<string, string>>;
  /** From `-var-file`; later files win. */
  readonly variableFiles: readonly { readonly file: string; readonly text: string }[];
}

interface Variable {
  /** Undefined when it must be given and is not. */
  readonly source: string | undefined;
  readonly at: SourceLocation;
}

/**
 * Values of all variables: the template's defaults, then files, then the command line. Values may name other variables
 * and may use `env`, which nothing else may. `{{ .Name }}` in them stays as it is.
 */
export function readVariables(
  node: ValueNode | undefined,
  inputs: VariableInputs,
  scope: TextScope,
  problems: Problems,
): Readonly<Record<string, string>> {
  const variables = new Map<string, Variable>();
  for (const [name, variable] of declaredVariables(node, problems)) variables.set(name, variable);
  for (const { file, text } of inputs.variableFiles) {
    for (const [name, variable] of fileVariables(file, text, problems)) variables.set(name, variable);
  }
  for (const [name, source] of Object.entries(inputs.variables)) {
    variables.set(name, { source, at: { file: `-var ${name}`, line: 1, column: 1 } });
  }
  return new VariableResolver(variables, scope, problems).all();
}

function* declaredVariables(
  node: ValueNode | undefined,
  problems: Problems,
): Iterable<readonly [string, Variable]> {
  if (!node || node.kind === 'null') return;
  if (node.kind !== 'map') {
    problems.error(node.at, `"variables" must be an object of names and values, not ${describeNode(node)}`);
    return;
  }
  for (const { key, keyAt, value } of node.entries) {
    if (value.kind === 'null') yield [key, { source: undefined, at: keyAt }];
    else yield [key, { source: textOf(key, value, problems), at: value.at }];
  }
}

function* fileVariables(
  file: string,
  text: string,
  problems: Problems,
): Iterable<readonly [string, Variable]> {
  const node = readJson(file, text, problems);
  if (!node) return;
  if (node.kind !== 'map') {
    problems.error(node.at, 'a variable file must be an object of names and values');
    return;
  }
  for (const { key, value } of node.entries) {
    yield [key, { source: textOf(key, value, problems), at: value.at }];
  }
}

function textOf(name: string, value: ValueNode, problems: Problems): string {
  if (value.kind === 'string') return value.value;
  const hint = value.kind === 'number' || value.kind === 'boolean' ? 'put it into double quotes' : undefined;
  problems.error(value.at, `the variable "${name}" must be a text, not ${describeNode(value)}`, hint);
  return '';
}

/** Holes that other parts of the template fill. */
const laterFields = /\{\{\s?\..*?\s?\}\}/g;

class VariableResolver {
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #scope: TextScope;
  readonly #problems: Problems;
  readonly #values = new Map<string, string>();
  readonly #pending: string[] = [];

  constructor(variables: ReadonlyMap<string, Variable>, scope: TextScope, problems: Problems) {
    this.#variables = variables;
    this.#scope = scope;
    this.#problems = problems;
  }

  all(): Readonly<Record<string, string>> {
    for (const name of this.#variables.keys()) this.#resolve(name);
    return Object.fromEntries(this.#values);
  }

  #resolve(name: string): void {
    if (this.#values.has(name)) return;
    const { source, at } = this.#variables.get(name)!;
    if (source === undefined) {
      this.#problems.error(at, `the variable "${name}" has no value`, `give one with -var ${name}=…`);
      this.#values.set(name, '');
      return;
    }
    if (this.#pending.includes(name)) {
      const circle = [...this.#pending.slice(this.#pending.indexOf(name)), name].join('", "');
      this.#problems.error(at, `the variables "${circle}" name each other in a circle`);
      this.#values.set(name, '');
      return;
    }
    this.#pending.push(name);
    const value = this.#render(source, at);
    this.#pending.pop();
    // A circle may have given it a value meanwhile.
    if (!this.#values.has(name)) this.#values.set(name, value);
  }

  #render(source: string, at: SourceLocation): string {
    const kept: string[] = [];
    const masked = source.replace(laterFields, (field) => {
      kept.push(field);
      return `\u{f0000}${kept.length - 1}\u{f0000}`;
    });
    try {
      if (masked.includes('{{')) this.#resolveNamed(masked, at);
      const rendered = renderSource(masked, { ...this.#scope, user: Object.fromEntries(this.#values) });
      return rendered.replace(/\u{f0000}(\d+)\u{f0000}/gu, (_all, index: string) => kept[Number(index)]!);
    } catch (error) {
      if (!(error instanceof KilnError)) throw error;
      this.#problems.thrown(at, error);
      return '';
    }
  }

  #resolveNamed(source: string, at: SourceLocation): void {
    for (const { name, literals } of usesOf(parseSource(source)).calls) {
      const other = literals[0];
      if (name !== 'user' || other === undefined) continue;
      if (this.#variables.has(other)) this.#resolve(other);
      else {
        const hint = didYouMean(other, this.#variables.keys());
        this.#problems.error(at, `the variable "${other}" does not exist`, hint);
      }
    }
  }
}

/** Values of the variables that `sensitive-variables` names. */
export function readSecrets(
  node: ValueNode | undefined,
  values: Readonly<Record<string, string>>,
  problems: Problems,
): readonly string[] {
  if (!node || node.kind === 'null') return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind !== 'string') {
      problems.error(item.at, `"sensitive-variables" must be a list of names, not ${describeNode(item)}`);
      return [];
    }
    if (!Object.hasOwn(values, item.value)) {
      problems.warn(
        item.at,
        `the sensitive variable "${item.value}" does not exist`,
        didYouMean(item.value, Object.keys(values)),
      );
      return [];
    }
    return values[item.value] || [];
  });
}
