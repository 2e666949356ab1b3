import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ConversionError, convert } from '../../values/convert.ts';
import { boolType, dynamicType, type Type } from '../../values/type.ts';
import { boolValue, unknownValue, type Value } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { asClosure, asTypeConstraint, closureType, typeConstraintType } from '../closure.ts';
import { FunctionError, type HclFunction } from '../function.ts';

/** `try` is a word of JavaScript. */
export const tryFunction: HclFunction = {
  name: 'try',
  description: 'The value of the first of the expressions that can be evaluated.',
  parameters: [],
  rest: { name: 'expressions', type: closureType, reads: 'expression' },
  examples: [
    { call: 'try({ a = 1 }.b, "fallback")', gives: '"fallback"' },
    { call: 'try(jsondecode("[1]"), "not JSON")', gives: '[1]' },
  ],
  resultType: (args) => attempted(args).type,
  call: (args) => attempted(args),
};

function attempted(args: readonly Value[]): Value {
  if (args.length === 0) throw new FunctionError('At least one expression is needed.');
  const problems: Diagnostic[] = [];
  for (const arg of args) {
    const { value, diagnostics } = asClosure(arg).evaluate();
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    // Which expression it will be, and so of what type, may change with what is not known yet.
    if (errors.length === 0) return isWhollyKnown(value) ? value : unknownValue(dynamicType);
    problems.push(...errors);
  }
  const reasons = problems.map(({ summary, detail }) => `\n- ${summary}: ${detail}`);
  throw new FunctionError(`None of the expressions can be evaluated:${reasons.join('')}`);
}

export const can: HclFunction = {
  name: 'can',
  description: 'Whether an expression can be evaluated.',
  parameters: [{ name: 'expression', type: closureType, reads: 'expression' }],
  examples: [
    { call: 'can({ a = 1 }.a)', gives: 'true' },
    { call: 'can({ a = 1 }.b)', gives: 'false' },
  ],
  resultType: () => boolType,
  call: ([expression]) => {
    const { value, diagnostics } = asClosure(expression!).evaluate();
    if (diagnostics.some(({ severity }) => severity === 'error')) return boolValue(false);
    return isWhollyKnown(value) ? boolValue(true) : unknownValue(boolType);
  },
};

export const convertFunction: HclFunction = {
  name: 'convert',
  description: 'The value as a value of the type, such as `list(string)`.',
  parameters: [
    { name: 'value', type: dynamicType, allowNull: true, allowDynamic: true },
    { name: 'type', type: typeConstraintType, reads: 'type' },
  ],
  examples: [
    { call: 'convert("15", number)', gives: '15' },
    { call: 'convert([1, "b"], list(string))', gives: '["1", "b"]', loose: true },
  ],
  resultType: ([value, type]) => converted(value!, asTypeConstraint(type!)).type,
  call: ([value, type]) => converted(value!, asTypeConstraint(type!)),
};

function converted(value: Value, type: Type): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new FunctionError(`The value cannot be converted: ${error.message}.`, 0);
  }
}
