import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  objectValue,
  parseExpression,
  sensitiveMark,
  standardFunctions,
  stringValue,
  tupleValue,
  type Value,
  withMarks,
} from '@kiln/hcl';
import { SecretValues } from './secret-values.ts';

const secret = (value: Value): Value => withMarks(value, new Set([sensitiveMark]));

test('everything in a secret value is secret', () => {
  const secrets = new SecretValues();
  secrets.addAll(
    objectValue([
      ['a', tupleValue([stringValue('one'), stringValue('two')])],
      ['b', stringValue('')],
    ]),
  );
  assert.deepEqual(secrets.texts, ['one', 'two']);
});

test('only marked texts of a derived value are secret', () => {
  const found: string[] = [];
  const secrets = new SecretValues(['known-secret'], (text) => found.push(text));
  secrets.addDerived(tupleValue([stringValue('open'), secret(stringValue('other'))]));
  secrets.addDerived(secret(tupleValue([stringValue('inside')])));
  assert.deepEqual(found, ['other', 'inside']);
});

test('a text around a known secret is none, nor is what everybody can read', () => {
  const secrets = new SecretValues(['known-secret']);
  secrets.addDerived(secret(stringValue('#!/bin/sh\nset -e\necho known-secret\n')));
  secrets.addDerived(secret(stringValue('yes')), 'var.password == "x" ? "yes" : "no"');
  assert.deepEqual(secrets.texts, ['known-secret']);
});

/** What is found secret when an expression over `s`, a secret object, is worked out. */
function foundIn(text: string): readonly string[] {
  const found: string[] = [];
  const known = { password: 'gEheim-"1"', token: 'tOken-2', pin: '1234' };
  const secrets = new SecretValues(Object.values(known), (one) => found.push(one));
  const object = objectValue(Object.entries(known).map(([key, one]) => [key, stringValue(one)]));
  const { value, diagnostics } = parseExpression(text, 'test').value.evaluate({
    variables: new Map([['s', secret(object)]]),
    functions: secrets.watch(standardFunctions()),
  });
  assert.deepEqual(diagnostics, [], text);
  assert.ok(value.kind !== 'unknown', text);
  return found;
}

const rows: readonly (readonly [expression: string, found: readonly string[]])[] = [
  ['upper(s.token)', ['TOKEN-2']],
  ['base64encode("a:${s.token}")', ['YTp0T2tlbi0y']],
  // The password is escaped in it, so that hiding the token alone would not do.
  ['jsonencode([s.token, s.password])', ['["tOken-2","gEheim-\\"1\\""]']],
  ['jsonencode({ token = s.token })', []],
  ['format("%s and %s", s.token, upper(s.token))', ['TOKEN-2']],
  ['join(",", [s.token, s.password])', []],
  ['split("-", s.token)', ['tOken']],
  ['keys(s)', []],
  ['values(s)', []],
  ['length(s.password)', []],
  ['substr(s.password, 0, 2)', []],
  ['parseint(s.pin, 10) + 1111', []],
  ['yamlencode({ user = "root", key = upper(s.token), list = ["fi"] })', ['TOKEN-2']],
  ['replace("line 1\\nsecret X\\nfi", "X", upper(s.token))', ['TOKEN-2']],
  ['indent(2, "if\\n${base64encode(s.token)}\\nfi")', ['dE9rZW4tMg==']],
  ['strrev("if\\n${s.token}\\nfi")', ['2-nekOt']],
];

test('what functions make of secrets is secret, as far as it does not show them as they are', () => {
  for (const [expression, found] of rows) assert.deepEqual(foundIn(expression), found, expression);
});
