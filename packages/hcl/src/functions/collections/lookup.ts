import { ConversionError, canConvert, convert } from '../../values/convert.ts';
import { dynamicType, stringType } from '../../values/type.ts';
import { aType, typeWords } from '../../values/type-words.ts';
import { unknownValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { entriesOf } from '../support/entries.ts';

export const lookup: HclFunction = {
  name: 'lookup',
  description: 'The element of a map or object with the key, or the default when there is none.',
  parameters: [
    { name: 'inputMap', type: dynamicType, allowMarked: true },
    { name: 'key', type: stringType, allowMarked: true },
    { name: 'default', type: dynamicType, allowMarked: true },
  ],
  examples: [
    { call: 'lookup({ a = "ay", b = "bee" }, "a", "what?")', gives: '"ay"' },
    { call: 'lookup({ a = "ay", b = "bee" }, "c", "what?")', gives: '"what?"' },
  ],
  resultType: ([map, key, otherwise]) => {
    const { type } = map!;
    if (type.kind === 'object') {
      return key!.kind === 'unknown' ? dynamicType : (type.attributes.get(textOf(key)) ?? otherwise!.type);
    }
    if (type.kind !== 'map') {
      throw new FunctionError(`The argument must be a map or object, not ${aType(type)}.`, 0);
    }
    checkDefault(otherwise!, type.element);
    return type.element;
  },
  call: ([map, key, otherwise], type) => {
    const plain = unmarked(map!);
    const marks = [map!.marks, key!.marks];
    if (!isWhollyKnown(plain)) return withMarks(unknownValue(type), ...marks);
    return withMarks(entriesOf(plain).get(textOf(key)) ?? convert(otherwise!, type), ...marks);
  },
};

function checkDefault(value: Value, type: Value['type']): void {
  try {
    if (canConvert(value.type, type)) convert(value, type);
    else throw new ConversionError('it is of another type');
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new FunctionError(`The default must be of the type of the map's elements, ${typeWords(type)}.`, 2);
  }
}
