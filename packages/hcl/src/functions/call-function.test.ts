import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BigFloat } from '../values/big-float.ts';
import { containsMarks } from '../values/deep-marks.ts';
import { dynamicType, listType, numberType, stringType } from '../values/type.ts';
import { typeExpression } from '../values/type-words.ts';
import {
  listValue,
  nullValue,
  numberValue,
  sensitiveMark,
  stringValue,
  unknownValue,
  type Value,
  withMarks,
} from '../values/value.ts';
import { callFunction } from './call-function.ts';
import { FunctionError, type HclFunction } from './function.ts';
import { standardFunctions } from './index.ts';
import { evaluateText } from './testing/evaluate.ts';

const secret = (value: Value) => withMarks(value, new Set([sensitiveMark]));

function call(name: string, ...args: Value[]): Value {
  return callFunction(standardFunctions().get(name)!, args);
}

function refusal(name: string, ...args: Value[]): FunctionError {
  try {
    call(name, ...args);
  } catch (error) {
    if (error instanceof FunctionError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `${name} was not refused` });
}

test('the number of arguments is checked, and the message shows how the function is called', () => {
  assert.equal(refusal('upper').message, 'The function takes 1 argument, as in upper(str); 0 are given.');
  assert.equal(
    refusal('join').message,
    'The function takes at least 1 argument, as in join(separator, lists...); 0 are given.',
  );
  assert.equal(
    refusal('uuidv4', stringValue('a')).message,
    'The function takes no arguments, as in uuidv4(); 1 is given.',
  );
});

test('arguments are converted to the types of the parameters', () => {
  assert.deepEqual(call('upper', numberValue(BigFloat.integer(5))), stringValue('5'));
  const { message, argument } = refusal('abs', stringValue('x'));
  assert.equal(message, 'The argument does not fit: a number is required.');
  assert.equal(argument, 0);
});

test('null is refused where a parameter does not allow it', () => {
  const { message, argument } = refusal('replace', stringValue('a'), nullValue(stringType), stringValue('b'));
  assert.equal(message, 'The argument must not be null.');
  assert.equal(argument, 1);
});

test('with an unknown argument the result is unknown, of the type that it will have', () => {
  const upper = call('upper', unknownValue(stringType));
  assert.deepEqual(upper, unknownValue(stringType));
  assert.deepEqual(
    call('split', stringValue(','), unknownValue(dynamicType)),
    unknownValue(listType(stringType)),
  );
  assert.deepEqual(call('reverse', unknownValue(dynamicType)), unknownValue(dynamicType));
  assert.deepEqual(call('jsondecode', unknownValue(stringType)), unknownValue(dynamicType));
});

test('marks of arguments, at any depth, come back on the result', () => {
  assert.ok(call('upper', secret(stringValue('a'))).marks.has(sensitiveMark));
  const list = listValue(stringType, [stringValue('a'), secret(stringValue('b'))]);
  assert.ok(call('join', stringValue(','), list).marks.has(sensitiveMark));
  assert.ok(call('upper', secret(unknownValue(stringType))).marks.has(sensitiveMark));
  assert.ok(call('reverse', secret(unknownValue(dynamicType))).marks.has(sensitiveMark));
});

test('functions that only pick elements leave the marks where they are', () => {
  const list = listValue(stringType, [stringValue('a'), secret(stringValue('b'))]);
  const element = (index: number) => call('element', list, numberValue(BigFloat.integer(index)));
  assert.equal(element(0).marks.size, 0);
  assert.ok(element(1).marks.has(sensitiveMark));
  const reversed = call('reverse', list);
  assert.equal(reversed.marks.size, 0);
  assert.ok(containsMarks(reversed));
});

const marked: readonly (readonly [string, boolean])[] = [
  ['length([secret])', true],
  ['length("x${secret}")', true],
  ['keys({ a = secret })', false],
  ['values({ a = secret })[0]', true],
  ['lookup({ a = "b", c = secret }, "a", "d")', false],
  ['lookup({ a = secret }, "a", "d")', true],
  ['lookup({ a = "b" }, secret, "d")', true],
  ['lookup({ a = "b" }, "x", secret)', true],
  ['merge({ a = "b" }, { c = secret }).a', false],
  ['merge({ a = "b" }, { c = secret }).c', true],
  ['concat(["a"], [secret])[0]', false],
  ['concat(["a"], [secret])[1]', true],
  ['flatten([["a"], [secret]])[0]', false],
  ['flatten([["a"], [secret]])[1]', true],
  ['slice(["a", secret], 0, 1)[0]', false],
  ['chunklist(["a", secret], 1)[0][0]', false],
  ['zipmap(["a", "b"], ["c", secret]).a', false],
  ['zipmap([secret], ["c"])', true],
  ['setproduct([secret], ["a"])[0][1]', false],
  ['setproduct([secret], ["a"])[0][0]', true],
  ['setunion([secret], ["a"])', true],
  ['contains([secret], "a")', true],
  ['coalesce("", secret)', true],
  ['format("%s", secret)', true],
  ['jsonencode({ a = secret })', true],
  ['yamlencode([secret])', true],
  ['try(secret, "a")', true],
  ['can(secret)', false],
  ['convert(secret, string)', true],
  ['regex("h", secret)', true],
  ['sha256(secret)', true],
  ['sort(["b", secret])', true],
  ['distinct([secret, "a"])', true],
  ['sum([1, length(secret)])', true],
];

test('secrets stay secret, and nothing else becomes one', () => {
  for (const [expression, isSecret] of marked) {
    const { value, error } = evaluateText(expression);
    assert.equal(error, undefined, expression);
    assert.equal(value.marks.has(sensitiveMark), isSecret, expression);
  }
});

test('no error shows anything of a sensitive argument', () => {
  const failing = [
    'parseint(secret, 10)',
    'uuidv5(secret, "a")',
    'timeadd(secret, "1h")',
    'timeadd("2020-01-01T00:00:00Z", secret)',
    'formatdate(secret, "2020-01-01T00:00:00Z")',
    'cidrhost(secret, 1)',
    'jsondecode(secret)',
    'regex(secret, "")',
    'format(secret, 1)',
    'textencodebase64("a", secret)',
    'csvdecode("${secret},${secret}")',
    'yamldecode("a: !${secret} x")',
    'rfc3339_parse(secret)',
    'index([secret], "x")',
    'convert(secret, number)',
  ];
  for (const expression of failing) {
    const { error } = evaluateText(expression);
    assert.notEqual(error, undefined, expression);
    assert.doesNotMatch(error!, /hunter2|hunter/, expression);
  }
});

test('a mistake in a function is not taken for one of the template', () => {
  const broken: HclFunction = {
    name: 'broken',
    description: 'Fails.',
    parameters: [{ name: 'a', type: numberType }],
    examples: [],
    resultType: () => numberType,
    call: () => {
      throw new TypeError('a mistake');
    },
  };
  assert.throws(() => callFunction(broken, [numberValue(BigFloat.one)]), TypeError);
});

test('results of calls with unknown arguments have the types that known ones give', () => {
  const types: readonly (readonly [string, string])[] = [
    ['keys({ a = unknown_string })', 'tuple([string])'],
    ['length([unknown_string, 1])', 'number'],
    ['values({ a = unknown_string, b = 1 })', 'tuple([string, number])'],
    ['chunklist(unknown_list, 2)', 'list(list(string))'],
    ['zipmap(["a"], unknown_list)', 'map(string)'],
    ['range(unknown_number)', 'list(number)'],
  ];
  for (const [expression, type] of types) {
    assert.equal(typeExpression(evaluateText(expression).value.type), type, expression);
  }
});
