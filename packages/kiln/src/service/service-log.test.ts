import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutTokens } from './service-log.ts';

test('tokens and passwords of databases are not in what is logged', () => {
  const token = `kiln_${'aB3_-'.repeat(8)}xyz`;
  const text = withoutTokens(`GET /x?t=${token} eyJhbGciOi.eyJzdWIi.c2ln postgres://kiln:geheim@host/db`);
  assert.equal(text, 'GET /x?t=kiln_… eyJ… postgres://kiln:…@host/db');
});
