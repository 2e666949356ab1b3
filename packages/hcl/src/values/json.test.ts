import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { entries, secret, v } from '../testing/values.ts';
import { convert } from './convert.ts';
import { sameValue } from './equal.ts';
import { decodeJson, encodeJson, JsonError } from './json.ts';
import { jsonDepthLimit, parseJson } from './json-text.ts';
import type { Plain } from './plain.ts';
import { setOf } from './set.ts';
import { showValue } from './show.ts';
import {
  boolType,
  dynamicType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  type Type,
  tupleType,
} from './type.ts';
import { typeExpression } from './type-words.ts';
import {
  capsuleValue,
  listValue,
  mapValue,
  nullValue,
  objectValue,
  tupleValue,
  unknownValue,
  type Value,
} from './value.ts';

describe('a value as JSON', () => {
  const table: [Value, string][] = [
    [v('a"b\\'), '"a\\"b\\\\"'],
    [v('<a> & b'), '"\\u003ca\\u003e \\u0026 b"'],
    [v('\n\r\t\b\f\u0001\u001f\u007f/'), '"\\n\\r\\t\\b\\f\\u0001\\u001f\u007f/"'],
    [v('\u2028\u2029é\u{1f600}'), '"\\u2028\\u2029é\u{1f600}"'],
    [v('\ud800x'), '"\ufffdx"'],
    [v(1), '1'],
    [v(-0.5), '-0.5'],
    [v(1e21), '1000000000000000000000'],
    [v(1e-7), '0.0000001'],
    [v(true), 'true'],
    [v(null), 'null'],
    [nullValue(listType(stringType)), 'null'],
    [v([]), '[]'],
    [v({}), '{}'],
    [v([1, [], { a: [null] }]), '[1,[],{"a":[null]}]'],
    [v({ b: 1, a: 'x', 'c<': {} }), '{"a":"x","b":1,"c\\u003c":{}}'],
    [mapValue(numberType, [['k', v(1)]]), '{"k":1}'],
    [setOf(numberType, [v(2), v(1)]), '[1,2]'],
    [listValue(stringType, [v('a')]), '["a"]'],
  ];
  for (const [value, text] of table) {
    it(`is ${text}`, () => {
      assert.equal(encodeJson(value), text);
    });
  }

  it('has its type where it was left open', () => {
    assert.equal(encodeJson(v({ a: 1 }), dynamicType), '{"value":{"a":1},"type":["object",{"a":"number"}]}');
    assert.equal(encodeJson(v(null), dynamicType), 'null');
    assert.equal(encodeJson(nullValue(stringType), dynamicType), '{"value":null,"type":"string"}');
    assert.equal(
      encodeJson(v(['a', [true]]), tupleType([dynamicType, listType(dynamicType)])),
      '[{"value":"a","type":"string"},[{"value":true,"type":"bool"}]]',
    );
    assert.equal(
      encodeJson(
        v({ a: 1, b: 2 }),
        objectType([
          ['a', dynamicType],
          ['b', numberType],
        ]),
      ),
      '{"a":{"value":1,"type":"number"},"b":2}',
    );
  });

  const refused: [string, () => Value, RegExp][] = [
    [
      'unknown',
      () => tupleValue([v(1), unknownValue(stringType)]),
      /^element 1: the value is not known yet$/,
    ],
    ['infinity', () => v({ a: Number.POSITIVE_INFINITY }), /^attribute "a": JSON has no infinity$/],
    [
      'a secret',
      () => objectValue(entries({ a: tupleValue([secret('x')]) })),
      /^attribute "a": element 0: a value with marks/,
    ],
    ['a value of the host program', () => capsuleValue({ kind: 'capsule', name: 'thing' }, 1), /type thing/],
  ];
  for (const [name, make, message] of refused) {
    it(`is refused for ${name}`, () => {
      assert.throws(
        () => encodeJson(make()),
        (error: unknown) => {
          assert.ok(error instanceof JsonError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

describe('a value from JSON', () => {
  const read: [string, Value][] = [
    ['"a\\u00e9\\/\\b\\f\\n\\r\\t\\"\\\\"', v('aé/\b\f\n\r\t"\\')],
    ['"\\ud83d\\ude00"', v('\u{1f600}')],
    ['"\\ud800"', v('\ufffd')],
    ['"e\\u0301"', v('é')],
    [' [ 1 , -2.50e1 , true , false , null ] ', v([1, -25, true, false, null])],
    ['{"b":[],"a":{}}', v({ a: {}, b: [] })],
    ['{"a":1,"a":2}', v({ a: 2 })],
    ['{"__proto__":1}', objectValue([['__proto__', v(1)]])],
    ['100000000000000000000000001', v(100000000000000000000000001n)],
  ];
  for (const [text, value] of read) {
    it(`is read from ${text}`, () => {
      assert.ok(sameValue(decodeJson(text), value), encodeJson(decodeJson(text)));
    });
  }

  const typed: [string, Type, string][] = [
    ['["a"]', listType(stringType), 'list(string) ["a"]'],
    ['["b","a","b"]', setType(stringType), 'set(string) ["a","b"]'],
    ['{"a":1}', mapType(numberType), 'map(number) {"a":1}'],
    [
      '{"a":1}',
      objectType([
        ['a', numberType],
        ['b', stringType],
      ]),
      'object({a=number, b=string}) {"a":1,"b":null}',
    ],
    ['["a",1]', tupleType([stringType, numberType]), 'tuple([string, number]) ["a",1]'],
    ['null', listType(stringType), 'list(string) null'],
    ['"1.5"', numberType, 'number 1.5'],
    ['1.50', stringType, 'string "1.50"'],
    ['true', stringType, 'string "true"'],
    ['"true"', boolType, 'bool true'],
    ['"0"', boolType, 'bool false'],
    ['{"value":["a"],"type":["set","string"]}', dynamicType, 'set(string) ["a"]'],
    ['{"type":"number","value":1}', dynamicType, 'number 1'],
    ['[{"value":1,"type":"number"}]', listType(dynamicType), 'list(number) [1]'],
    ['[null,{"value":1,"type":"number"}]', setType(dynamicType), 'set(number) [1,null]'],
    ['{"a":{"value":1,"type":"number"}}', mapType(dynamicType), 'map(number) {"a":1}'],
    ['[]', listType(dynamicType), 'list(any) []'],
  ];
  for (const [text, type, result] of typed) {
    it(`is read from ${text} as ${typeExpression(type)}`, () => {
      const value = decodeJson(text, type);
      assert.equal(`${typeExpression(value.type)} ${encodeJson(value)}`, result);
    });
  }

  const misfits: [string, Type, string][] = [
    ['[]', stringType, 'a string is required'],
    ['"x"', numberType, 'a number is required'],
    ['1', boolType, 'a bool is required'],
    ['"yes"', boolType, 'a bool is required'],
    ['{}', listType(stringType), 'a list of string is required'],
    ['[]', mapType(stringType), 'a map of string is required'],
    ['[]', objectType([]), 'an object is required'],
    ['{"a":1}', objectType([]), 'there must be no attribute "a"'],
    ['[1]', tupleType([]), 'a tuple of 0 elements is required, not of 1'],
    ['[[1,"x"]]', listType(listType(numberType)), 'element 0: element 1: a number is required'],
    ['{"a":[]}', mapType(numberType), 'element "a": a number is required'],
    ['{"a":[]}', objectType([['a', numberType]]), 'attribute "a": a number is required'],
    [
      '1',
      dynamicType,
      'an object with the members "value" and "type" is required, because the type is left open',
    ],
    [
      '{"value":1}',
      dynamicType,
      'an object with the members "value" and "type" is required, because the type is left open',
    ],
    [
      '{"value":1,"type":"number","x":1}',
      dynamicType,
      'an object with the members "value" and "type" is required, because the type is left open',
    ],
    ['{"value":1,"type":"int"}', dynamicType, '"int" is not the name of a type'],
    [
      '[{"value":1,"type":"number"},{"value":1,"type":"string"}]',
      listType(dynamicType),
      'all elements of a list must have the same type',
    ],
    ['1e999999999', numberType, 'this number is out of range'],
    ['1', { kind: 'capsule', name: 'thing' }, 'a thing is required'],
  ];
  for (const [text, type, message] of misfits) {
    it(`is refused for ${text} as ${typeExpression(type)}`, () => {
      assert.throws(() => decodeJson(text, type), new JsonError(message));
    });
  }
});

describe('a text', () => {
  const refused: [string, string][] = [
    ['', 'line 1, column 1: it ends where a value should be'],
    ['\n {', 'line 2, column 3: it ends where a name in quotes should be'],
    ['{"a"}', 'line 1, column 5: there is "}" where ":" should be'],
    ['{"a":1,}', 'line 1, column 8: there is "}" where a name in quotes should be'],
    ['{"a":1 "b"', 'line 1, column 8: there is "\\"" where "," or "}" should be'],
    ['{a:1}', 'line 1, column 2: there is "a" where a name in quotes should be'],
    ['[1,]', 'line 1, column 4: there is "]" where a value should be'],
    ['[1 2]', 'line 1, column 4: there is "2" where "," or "]" should be'],
    ['[1', 'line 1, column 3: it ends where "," or "]" should be'],
    ['1 2', 'line 1, column 3: there is "2" where the end should be'],
    ['01', 'line 1, column 2: there is "1" where the end should be'],
    ['+1', 'line 1, column 1: there is "+" where a value should be'],
    ['.5', 'line 1, column 1: there is "." where a value should be'],
    ['1.', 'line 1, column 2: there is "." where the end should be'],
    ['NaN', 'line 1, column 1: there is "N" where a value should be'],
    ['tru', 'line 1, column 1: there is "t" where a value should be'],
    ["'a'", 'line 1, column 1: there is "\'" where a value should be'],
    ['"a', 'line 1, column 3: it ends where the end of the string should be'],
    ['"a\nb"', 'line 1, column 3: there is "\\n" where the end of the string should be'],
    ['"\\x"', 'line 1, column 2: this escape is not one of JSON'],
    ['"\\u12g4"', 'line 1, column 2: this escape is not one of JSON'],
    ['"\\', 'line 1, column 2: this escape is not one of JSON'],
    ['\ufeff1', 'line 1, column 1: there is "\ufeff" where a value should be'],
    ['\u00a01', 'line 1, column 1: there is "\u00a0" where a value should be'],
    ['{"a":\n  \u{1f600}}', 'line 2, column 3: there is "\u{1f600}" where a value should be'],
  ];
  for (const [text, message] of refused) {
    it(`${JSON.stringify(text)} is not JSON`, () => {
      assert.throws(() => parseJson(text), new JsonError(`this is not JSON: ${message}`));
      assert.throws(() => JSON.parse(text), SyntaxError);
    });
  }

  it('is refused when it is nested too deeply', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    assert.equal(encodeJson(decodeJson(nested(jsonDepthLimit))), nested(jsonDepthLimit));
    assert.throws(() => decodeJson(nested(jsonDepthLimit + 1)), /nested more than 1000 levels deep/);
    assert.throws(() => decodeJson('{"a":'.repeat(1_000_000)), /nested more than 1000 levels deep/);
    assert.throws(() => decodeJson('['.repeat(1_000_000)), JsonError);
  });
});

describe('JSON and values', () => {
  const texts = ['', 'a', '<&>', '\u2028', 'é', '\u{1f600}', '"\\', '\n', 'key'];
  const any = (random: Random, depth: number): Plain => {
    switch (random.below(depth > 3 ? 4 : 6)) {
      case 0:
        return null;
      case 1:
        return random.below(2) === 0;
      case 2:
        return random.pick([random.below(100), random.bigint(150), 0.1, 1e-9, -2.5]);
      case 3:
        return random.pick(texts);
      case 4:
        return Array.from({ length: random.below(4) }, () => any(random, depth + 1));
      default:
        return Object.fromEntries(
          Array.from({ length: random.below(4) }, () => [random.pick(texts), any(random, depth + 1)]),
        );
    }
  };

  it('are the same after the way there and back, with and without types', () => {
    const random = new Random(41);
    for (let i = 0; i < 500; i++) {
      const value = v(any(random, 0));
      const text = encodeJson(value);
      assert.ok(sameValue(decodeJson(text), value), text);
      assert.ok(sameValue(decodeJson(encodeJson(value, dynamicType), dynamicType), value), text);
      assert.ok(sameValue(decodeJson(text, value.type), value), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(JSON.parse(text))));
    }
  });

  it('keep the types of collections when these are told', () => {
    const value = convert(
      v([{ tags: ['b', 'a'], n: { x: 1 } }]),
      listType(
        objectType([
          ['tags', setType(stringType)],
          ['n', mapType(numberType)],
        ]),
      ),
    );
    assert.ok(sameValue(decodeJson(encodeJson(value, dynamicType), dynamicType), value));
    assert.ok(sameValue(decodeJson(encodeJson(value), value.type), value));
  });

  it('are those of Packer', { skip: packerMissing }, () => {
    // Without backspace and form feed: Go wrote them in another way when 1.6.6 was made.
    const random = new Random(42);
    for (let i = 0; i < 3; i++) {
      const value = v(Array.from({ length: 80 }, () => any(random, 1)));
      const text = encodeJson(value);
      const quoted = JSON.stringify(text);
      assert.equal(packerConsole(`jsonencode(jsondecode(${quoted}))`), text);
      assert.equal(packerConsole(`jsondecode(${quoted})`), showValue(value));
    }
  });
});
