import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { vagrantfilesDocsPage } from './docs-page.ts';

test('docs/vagrantfiles.md is what the tables of settings say', () => {
  const page = readFileSync(new URL('../../../../../docs/vagrantfiles.md', import.meta.url), 'utf8');
  assert.equal(page, vagrantfilesDocsPage(), 'run `node scripts/generate.ts`');
});
