import {
  type Attribute,
  type Block,
  boolType,
  ConversionError,
  convert,
  dynamicType,
  type EvalContext,
  type Expression,
  hasErrors,
  stringType,
  type Type,
  type TypeWithDefaults,
  type Value,
} from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import type { Problems } from '../problems.ts';
import { placeOf, placeText, report } from './diagnostics.ts';
import { evaluate, evaluateAs, plainBoolean, plainText } from './evaluate.ts';
import { checkName } from './names.ts';
import type { RootBlocks } from './root-blocks.ts';
import { readValidation, type Validation } from './variable-validation.ts';

/** An input variable as a template declares it. */
export interface DeclaredVariable {
  readonly name: string;
  /** Declared, or the type of the default; `any` when there is neither. */
  readonly type: Type;
  readonly applyDefaults: TypeWithDefaults['applyDefaults'];
  readonly default: AssignedValue | undefined;
  /** Its default is wrong, which was reported. */
  readonly isBroken: boolean;
  /** What the default is that does not have the variable's type. */
  readonly wrongDefault?: Value;
  readonly description: string;
  readonly sensitive: boolean;
  readonly validations: readonly Validation[];
  readonly at: SourceLocation;
}

/** A value with the place where it is written. */
export interface AssignedValue {
  readonly value: Value;
  readonly at: SourceLocation;
}

/**
 * The input variables of a template, by name, from its blocks `variable` and `variables`
 * (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/variables).
 * `defaults` is what defaults may refer to: the function `env` and nothing else.
 */
export function readVariableBlocks(
  blocks: RootBlocks,
  defaults: EvalContext,
  problems: Problems,
): ReadonlyMap<string, DeclaredVariable> {
  const declared = new Map<string, DeclaredVariable>();
  const places = new Map<string, string>();
  const isFree = (name: string, range: Block['headerRange']): boolean => {
    const first = places.get(name);
    if (first === undefined) places.set(name, placeText(range));
    else problems.error(placeOf(range), `there is a variable "${name}" already, at ${first}`);
    return first === undefined;
  };
  for (const block of blocks.get('variable')!) {
    const name = block.labels[0]!;
    if (isFree(name, block.headerRange)) declared.set(name, readBlock(name, block, defaults, problems));
  }
  for (const block of blocks.get('variables')!) {
    const { value: attributes, diagnostics } = block.body.justAttributes();
    report(problems, diagnostics);
    for (const attribute of attributes.values()) {
      if (isFree(attribute.name, attribute.nameRange))
        declared.set(attribute.name, readShort(attribute, defaults, problems));
    }
  }
  return declared;
}

const schema = {
  attributes: [{ name: 'type' }, { name: 'default' }, { name: 'description' }, { name: 'sensitive' }],
  blocks: [{ type: 'validation' }],
} as const;

function readBlock(name: string, block: Block, defaults: EvalContext, problems: Problems): DeclaredVariable {
  checkName(name, 'a variable', block.labelRanges[0]!, problems);
  const { value: content, diagnostics } = block.body.content(schema);
  report(problems, diagnostics);
  const setting = (key: string, type: Type): Value | undefined => {
    const attribute = content.attributes.get(key);
    return attribute && evaluateAs(attribute.expression, type, undefined, problems, `"${key}"`);
  };
  const constraint = readType(content.attributes.get('type'), problems);
  const expression = content.attributes.get('default')?.expression;
  const given = expression && evaluateDefault(expression, defaults, problems);
  const value = expression && given && typedDefault(given, expression, constraint, problems);
  return {
    name,
    type: constraint.type.kind === 'dynamic' && value ? typeOfDefault(value) : constraint.type,
    applyDefaults: constraint.applyDefaults,
    default: expression && value && { value, at: placeOf(expression.range) },
    isBroken: expression !== undefined && value === undefined,
    ...(given && !value && { wrongDefault: given }),
    description: plainText(setting('description', stringType)) ?? '',
    sensitive: plainBoolean(setting('sensitive', boolType)) ?? false,
    validations: content.blocks.map((one) => readValidation(name, one, problems)),
    at: placeOf(block.headerRange),
  };
}

function readShort(
  { name, expression }: Attribute,
  defaults: EvalContext,
  problems: Problems,
): DeclaredVariable {
  const value = evaluateDefault(expression, defaults, problems);
  const at = placeOf(expression.range);
  return {
    name,
    type: value?.type ?? dynamicType,
    applyDefaults: (given) => given,
    default: value && { value, at },
    isBroken: value === undefined,
    description: '',
    sensitive: false,
    validations: [],
    at,
  };
}

const anyType: TypeWithDefaults = { type: dynamicType, applyDefaults: (value) => value };

function readType(attribute: Attribute | undefined, problems: Problems): TypeWithDefaults {
  if (!attribute) return anyType;
  const { value, diagnostics } = attribute.expression.asType();
  report(problems, diagnostics);
  return hasErrors(diagnostics) ? anyType : value;
}

/** Undefined after a mistake that was reported. */
function typedDefault(
  value: Value,
  expression: Expression,
  constraint: TypeWithDefaults,
  problems: Problems,
): Value | undefined {
  try {
    return convert(value.kind === 'null' ? value : constraint.applyDefaults(value), constraint.type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    problems.error(
      placeOf(expression.range),
      `the default does not have the variable's type: ${error.message}`,
    );
    return undefined;
  }
}

function evaluateDefault(
  expression: Expression,
  context: EvalContext,
  problems: Problems,
): Value | undefined {
  const [reference] = expression.variables();
  if (!reference) return evaluate(expression, context, problems);
  problems.error(
    placeOf(reference.range),
    'the default of a variable is a fixed value and refers to nothing else',
    'it may call env("NAME"); put together other values in "locals"',
  );
  return undefined;
}

/** An empty list or object as the default does not say what else the variable may hold. */
function typeOfDefault({ type }: Value): Type {
  const isEmpty =
    (type.kind === 'object' && type.attributes.size === 0) ||
    (type.kind === 'tuple' && type.elements.length === 0);
  return isEmpty ? dynamicType : type;
}
