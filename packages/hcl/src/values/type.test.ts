import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonError } from './json-text.ts';
import {
  boolType,
  capsuleType,
  dynamicType,
  emptyObjectType,
  emptyTupleType,
  hasDynamic,
  isCollection,
  isPrimitive,
  listType,
  mapType,
  numberType,
  objectType,
  sameType,
  setType,
  stringType,
  type Type,
  tupleType,
  withoutOptional,
} from './type.ts';
import { decodeType, encodeType } from './type-json.ts';
import { aType, typeExpression, typeWords } from './type-words.ts';

const optional = objectType(
  [
    ['b', numberType],
    ['a', stringType],
    ['c d', listType(dynamicType)],
  ],
  new Set(['b', 'c d']),
);

// The type, its words, its expression, its JSON.
const types: [Type, string, string, string][] = [
  [stringType, 'string', 'string', '"string"'],
  [numberType, 'number', 'number', '"number"'],
  [boolType, 'bool', 'bool', '"bool"'],
  [dynamicType, 'any type', 'any', '"dynamic"'],
  [listType(stringType), 'list of string', 'list(string)', '["list","string"]'],
  [setType(listType(numberType)), 'set of list of number', 'set(list(number))', '["set",["list","number"]]'],
  [mapType(dynamicType), 'map of any single type', 'map(any)', '["map","dynamic"]'],
  [emptyTupleType, 'tuple', 'tuple([])', '["tuple",[]]'],
  [tupleType([stringType, boolType]), 'tuple', 'tuple([string, bool])', '["tuple",["string","bool"]]'],
  [emptyObjectType, 'object', 'object({})', '["object",{}]'],
  [
    optional,
    'object',
    'object({a=string, b=optional(number), "c d"=optional(list(any))})',
    '["object",{"a":"string","b":"number","c d":["list","dynamic"]},["b","c d"]]',
  ],
  [
    objectType([
      ['<&>', mapType(setType(boolType))],
      ['for', numberType],
      ['${x}', stringType],
    ]),
    'object',
    'object({"$${x}"=string, "<&>"=map(set(bool)), "for"=number})',
    '["object",{"${x}":"string","\\u003c\\u0026\\u003e":["map",["set","bool"]],"for":"number"}]',
  ],
];

describe('a type', () => {
  for (const [type, words, expression, json] of types) {
    it(`${expression} has words and texts`, () => {
      assert.equal(typeWords(type), words);
      assert.equal(typeExpression(type), expression);
      assert.equal(encodeType(type), json);
      assert.ok(sameType(decodeType(json), type));
    });
  }

  it('is the same as itself, and as no other', () => {
    const all = [...types.map(([type]) => type), capsuleType('a'), capsuleType('b')];
    for (const [i, a] of all.entries()) {
      for (const [j, b] of all.entries()) {
        assert.equal(sameType(a, b), i === j, `${typeExpression(a)} and ${typeExpression(b)}`);
        assert.equal(typeExpression(a) === typeExpression(b), i === j);
      }
    }
    assert.ok(!sameType(optional, withoutOptional(optional)));
    assert.ok(!sameType(tupleType([stringType]), tupleType([numberType])));
    assert.ok(!sameType(objectType([['a', stringType]]), objectType([['a', numberType]])));
    assert.ok(!sameType(objectType([['a', stringType]]), objectType([['b', stringType]])));
  });

  it('has an article', () => {
    assert.equal(aType(stringType), 'a string');
    assert.equal(aType(emptyObjectType), 'an object');
    assert.equal(aType(dynamicType), 'any type');
    assert.equal(aType(listType(numberType)), 'a list of number');
    assert.equal(aType(capsuleType('image')), 'an image');
  });

  it('tells what kind it is', () => {
    assert.deepEqual(
      [stringType, numberType, boolType, dynamicType, listType(stringType), emptyTupleType].map(isPrimitive),
      [true, true, true, false, false, false],
    );
    assert.deepEqual(
      [listType(stringType), setType(stringType), mapType(stringType), emptyTupleType, stringType].map(
        isCollection,
      ),
      [true, true, true, false, false],
    );
    assert.deepEqual(
      [
        stringType,
        dynamicType,
        listType(dynamicType),
        optional,
        tupleType([dynamicType]),
        mapType(stringType),
      ].map(hasDynamic),
      [false, true, true, true, true, false],
    );
  });

  it('loses what is optional at any depth', () => {
    const plain = withoutOptional(tupleType([mapType(optional), stringType]));
    assert.equal(
      typeExpression(plain),
      'tuple([map(object({a=string, b=number, "c d"=list(any)})), string])',
    );
    for (const [type] of types) {
      if (type !== optional) assert.equal(withoutOptional(type), type);
    }
  });

  it('has its attributes in the order of code points', () => {
    const names = ['b', '\u{1f600}', 'a', '\uff5e', 'B'];
    const type = objectType(names.map((name) => [name, stringType]));
    assert.deepEqual([...type.attributes.keys()], ['B', 'a', 'b', '\uff5e', '\u{1f600}']);
  });

  it('of the host program has no JSON', () => {
    assert.throws(() => encodeType(listType(capsuleType('thing'))), JsonError);
  });
});

describe('the JSON of a type', () => {
  const refused: [string, RegExp][] = [
    ['"int"', /"int" is not the name of a type/],
    ['5', /a type is the name of a type, or an array/],
    ['{}', /a type is the name of a type, or an array/],
    ['[]', /the array of a type has its name and its content/],
    ['["list"]', /the array of a type has its name and its content/],
    ['["list","string","string"]', /the array of a type has its name and its content/],
    ['["object",{},[],[]]', /the array of a type has its name and its content/],
    ['["box","string"]', /"box" is not a type with a content/],
    ['["tuple","string"]', /the elements of a tuple type must be an array/],
    ['["object",["string"]]', /the attributes of an object type must be an object/],
    ['["object",{"a":"string"},["b"]]', /the optional attributes of an object type/],
    ['["object",{"a":"string"},"a"]', /the optional attributes of an object type/],
    ['["list",["set","int"]]', /"int" is not the name of a type/],
    ['"string" x', /not JSON/],
  ];
  for (const [text, message] of refused) {
    it(`${text} is refused`, () => {
      assert.throws(
        () => decodeType(text),
        (error: unknown) => {
          assert.ok(error instanceof JsonError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
