import { stringType } from '../values/type.ts';
import { stringValue } from '../values/value.ts';
import type { HclFunction } from './function.ts';
import type { FunctionHost } from './host.ts';
import { textOf } from './support/arguments.ts';

/** The function that exists only in the defaults of variables. */
export function envFunction(host: Pick<FunctionHost, 'environment'>): HclFunction {
  return {
    name: 'env',
    description: 'The value of an environment variable, or an empty text when it is not set.',
    parameters: [{ name: 'key', type: stringType }],
    examples: [{ call: 'env("A_VARIABLE_THAT_IS_NOT_SET")', gives: '""' }],
    resultType: () => stringType,
    call: ([key]) => stringValue(host.environment(textOf(key)) ?? ''),
  };
}
