import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpression, sameValue, sensitiveMark, type Value, withMarks } from '@kiln/hcl';
import { decodeValue, encodeValue } from './value-notation.ts';

function evaluated(text: string): Value {
  return parseExpression(text, 'test').value.evaluate({ variables: new Map() }).value;
}

const texts = [
  '"text"',
  'true',
  'null',
  '12',
  '0.1',
  '1 / 3',
  '123456789012345678901234567890',
  '1e100',
  '[]',
  '["a", 1, [true]]',
  '{}',
  '{ a = 1, "b c" = { d = null } }',
  '[for x in [1, 2] : x]',
  '{ for x in ["a"] : x => x }',
  '{ object = "own", number = [1], secret = { list = 2 } }',
];

test('values are the same after they were written down as JSON', () => {
  for (const text of texts) {
    const value = evaluated(text);
    const again = decodeValue(JSON.parse(JSON.stringify(encodeValue(value))));
    assert.ok(sameValue(again, value), text);
  }
});

test('types and marks stay', async () => {
  const { listValue, mapValue, numberType, setOf, stringType, stringValue, unknownValue } = await import(
    '@kiln/hcl'
  );
  const secret = withMarks(stringValue('geheim'), new Set([sensitiveMark]));
  const values: readonly Value[] = [
    listValue(stringType, []),
    listValue(stringType, [stringValue('a'), secret]),
    setOf(stringType, [stringValue('b'), stringValue('a')]),
    mapValue(numberType, []),
    mapValue(stringType, [['k', secret]]),
    withMarks(mapValue(stringType, [['k', stringValue('v')]]), new Set([sensitiveMark])),
    unknownValue(listValue(stringType, []).type),
  ];
  for (const value of values) {
    const written = JSON.stringify(encodeValue(value));
    assert.ok(sameValue(decodeValue(JSON.parse(written)), value), written);
  }
});

test('hiding a number leaves JSON that is right', () => {
  const written = JSON.stringify(encodeValue(evaluated('{ pin = 1234 }')));
  assert.deepEqual(JSON.parse(written.replaceAll('1234', '<sensitive>')), {
    object: { pin: { number: '<sensitive>' } },
  });
});
