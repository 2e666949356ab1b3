import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectValue, sensitiveMark, stringValue, tupleValue, type Value, withMarks } from '@kiln/hcl';
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
