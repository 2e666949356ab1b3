import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorDocsPage } from './errors-page.ts';

test('docs/errors.md is what the table of error codes says', () => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  assert.equal(page, errorDocsPage(), 'run `node scripts/generate.ts`');
});
