import { convert, unify } from '../../values/convert.ts';
import { dynamicType, sameType } from '../../values/type.ts';
import { unknownValue } from '../../values/value.ts';
import { FunctionError, type HclFunction, type Parameter } from '../function.ts';
import { itemsOf } from '../support/sequences.ts';

const rest: Parameter = {
  name: 'vals',
  type: dynamicType,
  allowNull: true,
  allowUnknown: true,
  allowDynamic: true,
};

export const coalesce: HclFunction = {
  name: 'coalesce',
  description: 'The first of the values that is neither null nor an empty text.',
  parameters: [],
  rest,
  examples: [
    { call: 'coalesce("", "b")', gives: '"b"' },
    { call: 'coalesce(null, 1, 2)', gives: '1' },
  ],
  resultType: (args) => {
    const type = unify(
      args.map((arg) => arg.type),
      { unsafe: true },
    );
    if (!type) throw new FunctionError('All arguments must be of types that have one in common.');
    return type;
  },
  call: (args, type) => {
    for (const arg of args) {
      if (arg.kind === 'unknown') return unknownValue(type);
      if (arg.kind === 'null') continue;
      const value = convert(arg, type);
      if (value.kind !== 'string' || value.value !== '') return value;
    }
    throw new FunctionError('All arguments are null or empty.');
  },
};

export const coalescelist: HclFunction = {
  name: 'coalescelist',
  description: 'The first of the lists that is not empty.',
  parameters: [],
  rest,
  examples: [{ call: 'coalescelist([], ["c", "d"])', gives: '["c", "d"]' }],
  resultType: (args) => {
    if (args.length === 0) throw new FunctionError('At least one list is needed.');
    for (const [index, { type, kind }] of args.entries()) {
      if (kind === 'unknown') return dynamicType;
      const isNull = kind === 'null' && type.kind === 'dynamic';
      if (type.kind !== 'list' && type.kind !== 'tuple' && !isNull) {
        throw new FunctionError('All arguments must be lists or tuples.', index);
      }
    }
    const [first, ...others] = args.map(({ type }) => type);
    return others.every((type) => sameType(type, first!)) ? first! : dynamicType;
  },
  call: (args, type) => {
    for (const arg of args) {
      if (arg.kind === 'unknown') return unknownValue(type);
      if (itemsOf(arg).length > 0) return arg;
    }
    throw new FunctionError('All lists are empty.');
  },
};
