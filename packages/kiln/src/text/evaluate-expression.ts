import {
  ConversionError,
  convert,
  type Expression,
  type HclFunction,
  hasErrors,
  objectValue,
  parseExpression,
  parseJsonExpression,
  sensitiveMark,
  stringType,
  stringValue,
  type Value,
  withMarks,
} from '@kiln/hcl';
import { KilnError } from '../base/errors.ts';
import type { LateExpression } from '../plan/text.ts';
import { hclFunctions } from './hcl-functions.ts';
import { SecretValues } from './secret-values.ts';
import type { EvaluateExpression } from './template-functions.ts';
import { decodeValue } from './value-notation.ts';

export interface EvaluatorOptions {
  /** Working folder of the command. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly startedAt: Date;
  /** The plan's secrets. */
  readonly secrets: readonly string[];
  /** Told of texts that are made of secrets, before anybody sees them. */
  readonly onSecret: (text: string) => void;
}

/** What a build's values have that may not be shown. */
const secretValueNames = new Set(['Password', 'WinRMPassword', 'SSHPrivateKey']);

/** Makes what works out the HCL2 expressions of a plan's texts while its builds run. */
export function createEvaluator(options: EvaluatorOptions): EvaluateExpression {
  const functions = new Map<string, ReadonlyMap<string, HclFunction>>();
  const secrets = new SecretValues(options.secrets, options.onSecret);
  return (late, values) => {
    const folder = late.folder ?? options.cwd;
    const table = functions.get(folder) ?? hclFunctions({ ...options, folder }, (all) => secrets.watch(all));
    functions.set(folder, table);
    for (const name of secretValueNames) if (values[name]) secrets.addAll(stringValue(values[name]));
    const value = evaluate(late, values, table);
    secrets.addDerived(value, late.source);
    return textOf(late, value);
  };
}

function evaluate(
  late: LateExpression,
  values: Readonly<Record<string, string>>,
  functions: ReadonlyMap<string, HclFunction>,
): Value {
  const variables = new Map(Object.entries(late.values).map(([name, value]) => [name, decodeValue(value)]));
  const known = variables.get('build');
  const build = Object.entries(values).map(([name, text]) => {
    const value = stringValue(text);
    return [name, secretValueNames.has(name) ? withMarks(value, new Set([sensitiveMark])) : value] as const;
  });
  variables.set('build', objectValue([...build, ...(known?.kind === 'object' ? known.entries : [])]));
  const { value, diagnostics } = parse(late).evaluate({ variables, functions });
  if (!hasErrors(diagnostics)) return value;
  const { summary, detail } = diagnostics[0]!;
  throw failure(late, (detail || summary).replace(/\.$/, ''));
}

function parse({ source, syntax }: LateExpression): Expression {
  return syntax === 'json'
    ? parseJsonExpression(source, 'expression').value
    : parseExpression(`${source}\n`, 'expression').value;
}

function textOf(late: LateExpression, whole: Value): string {
  const value = partOf(whole, late.path ?? []);
  if (!value) throw failure(late, 'it gives fewer elements than when the template was read');
  const text = converted(late, value);
  const { without } = late;
  if (without === undefined) return text;
  if (text.startsWith(without)) return text.slice(without.length);
  throw failure(late, `it does not begin with ${without} as it did when the template was read`);
}

function converted(late: LateExpression, value: Value): string {
  try {
    const text = convert(value, stringType);
    if (text.kind === 'string') return text.value;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw failure(late, error.message);
  }
  throw failure(late, `it gives ${value.kind === 'null' ? 'null' : 'nothing'}, and a text is needed`);
}

/** What stands at the end of a path, or undefined when there is no such thing. */
export function partOf(value: Value, path: readonly (string | number)[]): Value | undefined {
  let part: Value | undefined = value;
  for (const step of path) {
    if (part?.kind === 'map' || part?.kind === 'object') part = part.entries.get(String(step));
    else if (part?.kind === 'list' || part?.kind === 'tuple' || part?.kind === 'set')
      part = part.items[Number(step)];
    else return undefined;
  }
  return part;
}

function failure({ source }: LateExpression, reason: string): KilnError {
  const line = source.trim().replace(/\s+/g, ' ');
  const shown = line.length > 80 ? `${line.slice(0, 77)}…` : line;
  return new KilnError('template-invalid', `the expression ${shown} cannot be worked out: ${reason}`);
}
