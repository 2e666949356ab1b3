import {
  aType,
  ConversionError,
  convert,
  parseExpression,
  sensitiveMark,
  stringValue,
  unknownValue,
  type Value,
  withMarks,
} from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import type { SecretValues } from '../../../text/secret-values.ts';
import type { Problems } from '../problems.ts';
import { messageOf, placeOf, report } from './diagnostics.ts';
import { evaluate } from './evaluate.ts';
import { parseFile } from './root-blocks.ts';
import type { SourceFile } from './source-files.ts';
import type { AssignedValue, DeclaredVariable } from './variable-blocks.ts';

/** Everything outside of a template that gives values to its variables. */
export interface VariableInputs {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files that are read because they stand in the template's folder, in order. */
  readonly automaticFiles: readonly SourceFile[];
  /** Files from `-var-file`, in order. */
  readonly files: readonly SourceFile[];
  /** Values from `-var`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Tell of values in files that no variable takes. */
  readonly warnUndeclared: boolean;
}

/** An input variable with its value. */
export interface Variable extends DeclaredVariable {
  /** Unknown when it has none, which was reported. Sensitive ones are marked. */
  readonly value: Value;
  readonly valueAt: SourceLocation;
}

interface VariableReading {
  readonly problems: Problems;
  /** Takes whatever is given to a sensitive variable, right or wrong. */
  readonly secrets: SecretValues;
}

const environmentPrefix = 'PKR_VAR_';

/**
 * The values of all variables. The last one counts: default, environment, automatic files, named files, command line
 * (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/variables#variable-definition-precedence).
 */
export function readVariableValues(
  declared: ReadonlyMap<string, DeclaredVariable>,
  inputs: VariableInputs,
  problems: Problems,
  secrets: SecretValues,
): readonly Variable[] {
  const reading = { problems, secrets };
  const assigned = new Map<string, AssignedValue>();
  for (const { name, default: value } of declared.values()) if (value) assigned.set(name, value);
  assignEnvironment(declared, inputs, assigned, reading);
  for (const file of [...inputs.automaticFiles, ...inputs.files]) {
    assignFile(declared, file, inputs.warnUndeclared, assigned, reading);
  }
  assignArguments(declared, inputs, assigned, reading);
  return [...declared.values()].map((variable) => {
    const { name, type, sensitive, at } = variable;
    const found = assigned.get(name);
    if (!found && !variable.isBroken) {
      const hint = `give one with -var ${name}=…, in a variable file, or in ${environmentPrefix}${name}`;
      problems.error(at, `the variable "${name}" has no value`, hint);
    }
    const value = found?.value ?? unknownValue(type);
    if (sensitive) for (const one of [value, variable.wrongDefault]) if (one) secrets.addAll(one);
    const marked = sensitive ? withMarks(value, new Set([sensitiveMark])) : value;
    return { ...variable, value: marked, valueAt: found?.at ?? at };
  });
}

function assignEnvironment(
  declared: ReadonlyMap<string, DeclaredVariable>,
  { env }: VariableInputs,
  assigned: Map<string, AssignedValue>,
  reading: VariableReading,
): void {
  for (const variable of declared.values()) {
    const name = `${environmentPrefix}${variable.name}`;
    const text = env[name];
    if (text === undefined) continue;
    assigned.set(variable.name, valueOfText(variable, text, name, reading));
  }
}

function assignArguments(
  declared: ReadonlyMap<string, DeclaredVariable>,
  { variables }: VariableInputs,
  assigned: Map<string, AssignedValue>,
  reading: VariableReading,
): void {
  for (const [name, text] of Object.entries(variables)) {
    const variable = declared.get(name);
    const file = `-var ${name}`;
    if (variable) assigned.set(name, valueOfText(variable, text, file, reading));
    else {
      const hint = didYouMean(name, declared.keys()) ?? `declare it with variable "${name}" {}`;
      reading.problems.error({ file, line: 1, column: 1 }, `the template has no variable "${name}"`, hint);
    }
  }
}

function assignFile(
  declared: ReadonlyMap<string, DeclaredVariable>,
  file: SourceFile,
  warnUndeclared: boolean,
  assigned: Map<string, AssignedValue>,
  reading: VariableReading,
): void {
  const { problems, secrets } = reading;
  if (!/\.(?:hcl|json)$/.test(file.file)) {
    const at = { file: file.file, line: 1, column: 1 };
    problems.error(at, 'a variable file is named .pkrvars.hcl or .pkrvars.json', 'rename it');
    return;
  }
  const body = parseFile(file, problems);
  const { value: blocks } = body.partialContent({ blocks: [{ type: 'variable', labels: ['name'] }] });
  for (const { labels, typeRange } of blocks.blocks) {
    problems.error(
      placeOf(typeRange),
      `a variable file gives values and declares no variables`,
      `write ${labels[0]} = …, and put the block into a .pkr.hcl file`,
    );
  }
  if (blocks.blocks.length > 0) return;
  const { value: attributes, diagnostics } = body.justAttributes();
  report(problems, diagnostics);
  for (const { name, nameRange, expression } of attributes.values()) {
    const variable = declared.get(name);
    if (!variable) {
      const hint = didYouMean(name, declared.keys()) ?? `declare it with variable "${name}" {}`;
      if (warnUndeclared) problems.warn(placeOf(nameRange), `the template has no variable "${name}"`, hint);
      continue;
    }
    const at = placeOf(expression.range);
    const value = evaluate(expression, undefined, problems);
    if (variable.sensitive && value) secrets.addAll(value);
    assigned.set(name, {
      value: value ? typed(variable, value, at, problems) : unknownValue(variable.type),
      at,
    });
  }
}

/** Texts and numbers stand for themselves; a value of any other type is an expression. */
function valueOfText(
  variable: DeclaredVariable,
  text: string,
  file: string,
  reading: VariableReading,
): AssignedValue {
  const { type } = variable;
  const at = { file, line: 1, column: 1 };
  const { problems } = reading;
  if (variable.sensitive) reading.secrets.addAll(stringValue(text));
  if (type.kind === 'string' || type.kind === 'number' || type.kind === 'dynamic') {
    return { value: typed(variable, stringValue(text), at, problems), at };
  }
  const { value: expression, diagnostics } = parseExpression(text, file);
  const all = diagnostics.length > 0 ? diagnostics : expression.evaluate().diagnostics;
  if (all.length > 0) {
    problems.error(
      at,
      `the value of the variable "${variable.name}" is not right: ${messageOf(all[0]!)}`,
      `it must be ${aType(type)}, written as in a template; texts go into double quotes`,
    );
    return { value: unknownValue(type), at };
  }
  return { value: typed(variable, expression.evaluate().value, at, problems), at };
}

function typed(variable: DeclaredVariable, value: Value, at: SourceLocation, problems: Problems): Value {
  try {
    return convert(value.kind === 'null' ? value : variable.applyDefaults(value), variable.type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const wanted = aType(variable.type);
    problems.error(at, `the value of the variable "${variable.name}" must be ${wanted}: ${error.message}`);
    return unknownValue(variable.type);
  }
}
