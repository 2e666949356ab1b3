import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
}

test('what people install brings everything in its bundle: it asks no registry for more', () => {
  const path = fileURLToPath(new URL('../packages/kiln/package.json', import.meta.url));
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  assert.deepEqual(manifest.dependencies ?? {}, {}, 'scripts/bundle.ts bundles them: devDependencies');
  assert.deepEqual(manifest.files, ['dist']);
  for (const file of Object.values(manifest.bin)) assert.match(file, /^dist\//);
});
