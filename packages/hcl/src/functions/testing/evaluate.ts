import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { parseExpression } from '../../native/parse.ts';
import { encodeJson } from '../../values/json.ts';
import {
  boolType,
  dynamicType,
  listType,
  mapType,
  numberType,
  setType,
  stringType,
} from '../../values/type.ts';
import { typeExpression } from '../../values/type-words.ts';
import { sensitiveMark, stringValue, unknownValue, type Value, withMarks } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import type { HclFunction } from '../function.ts';
import { standardFunctions } from '../index.ts';
import type { Case } from './case.ts';

/** Variables that all expressions of tests see. */
const variables: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['unknown_any', unknownValue(dynamicType)],
  ['unknown_bool', unknownValue(boolType)],
  ['unknown_list', unknownValue(listType(stringType))],
  ['unknown_map', unknownValue(mapType(stringType))],
  ['unknown_number', unknownValue(numberType)],
  ['unknown_set', unknownValue(setType(stringType))],
  ['unknown_string', unknownValue(stringType)],
  ['secret', withMarks(stringValue('hunter2'), new Set([sensitiveMark]))],
]);

export interface Evaluated {
  readonly value: Value;
  /** Of the first error. */
  readonly error: string | undefined;
}

/** Evaluates an expression as a template would. */
export function evaluateText(
  expression: string,
  functions: ReadonlyMap<string, HclFunction> = standardFunctions(),
): Evaluated {
  const parsed = parseExpression(expression, 'test.hcl');
  const read = hasErrors(parsed.diagnostics) ? undefined : parsed.value.evaluate({ variables, functions });
  const diagnostics = read?.diagnostics ?? parsed.diagnostics;
  const problem = diagnostics.find(({ severity }) => severity === 'error');
  return {
    value: read?.value ?? unknownValue(dynamicType),
    error: problem && `${problem.summary}: ${problem.detail}`,
  };
}

/** What an expression evaluates to, in the form of a case. */
export function caseOf(expression: string): Case {
  const { value, error } = evaluateText(expression);
  if (error !== undefined) return [expression, 'error'];
  if (!isWhollyKnown(value)) return [expression, 'unknown', typeExpression(value.type)];
  return [expression, typeExpression(value.type), encodeJson(value)];
}
