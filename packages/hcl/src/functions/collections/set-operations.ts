import { ConversionError, convert, unify } from '../../values/convert.ts';
import { intersection, union } from '../../values/set.ts';
import { dynamicType, setType, type Type } from '../../values/type.ts';
import { type SetValue, unknownValue, type Value } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction, type Parameter } from '../function.ts';
import { checkItemCount } from '../support/limits.ts';
import { itemsOf } from '../support/sequences.ts';

const set = (name: string): Parameter => ({ name, type: setType(dynamicType), allowDynamic: true });

export const setunion: HclFunction = {
  name: 'setunion',
  description: 'The elements that are in any of the sets.',
  parameters: [set('first_set')],
  rest: set('other_sets'),
  examples: [{ call: 'setunion(["a", "b"], ["b", "c"], ["d"])', gives: '["a", "b", "c", "d"]', loose: true }],
  resultType: commonSetType,
  call: (args, type) => {
    checkItemCount(args.reduce((sum, arg) => sum + itemsOf(arg).length, 0));
    return combined(args, type, union);
  },
};

export const setintersection: HclFunction = {
  name: 'setintersection',
  description: 'The elements that are in all of the sets.',
  parameters: [set('first_set')],
  rest: set('other_sets'),
  examples: [{ call: 'setintersection(["a", "b"], ["b", "c"], ["b", "d"])', gives: '["b"]', loose: true }],
  resultType: commonSetType,
  // An element that is not known yet may turn out to be in the others, or not.
  call: (args, type) => (args.every(isWhollyKnown) ? combined(args, type, intersection) : unknownValue(type)),
};

function commonSetType(args: readonly Value[]): Type {
  const elements: Type[] = [];
  for (const arg of args) {
    const { type } = arg;
    if (type.kind !== 'set') return dynamicType;
    // An empty set of nothing in particular fits any type.
    const isOpen = arg.kind === 'set' && type.element.kind === 'dynamic' && arg.items.length === 0;
    if (!isOpen) elements.push(type.element);
  }
  if (elements.length === 0) return setType(dynamicType);
  const element = unify(elements, { unsafe: true });
  if (!element) throw new FunctionError('The elements of the sets have no type in common.');
  return setType(element);
}

function combined(
  args: readonly Value[],
  type: Type,
  operation: (a: SetValue, b: SetValue) => SetValue,
): Value {
  const sets = args.map((arg, index) => {
    try {
      return convert(arg, type) as SetValue;
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      throw new FunctionError(`The set does not fit the others: ${error.message}.`, index);
    }
  });
  return sets.reduce(operation);
}
