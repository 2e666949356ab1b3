import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importFault, importsOf } from './rooms.ts';

const packages = join(dirname(fileURLToPath(import.meta.url)), '..', 'packages');

test('every room imports only from rooms below it', () => {
  const faults: string[] = [];
  for (const file of readdirSync(packages, { recursive: true, encoding: 'utf8' })) {
    if (!/^[^/]+\/src\/.*\.ts$/.test(file)) continue;
    for (const specifier of importsOf(readFileSync(join(packages, file), 'utf8'))) {
      const fault = importFault(file, specifier);
      if (fault) faults.push(`${relative('.', join('packages', file))}: ${fault}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('an import that goes up is found, static or dynamic', () => {
  const source =
    "import { a } from '../cli/a.ts';\nconst b = await import('../../engine/b.ts');\nexport { c } from './c.ts';";
  assert.deepEqual(importsOf(source), ['../cli/a.ts', '../../engine/b.ts', './c.ts']);
  assert.match(importFault('kiln/src/store/x.ts', '../cli/a.ts') ?? '', /store stands below cli/);
  assert.match(importFault('kiln/src/dialects/kiln/x.ts', '../packer/y.ts') ?? '', /may not know of packer/);
  assert.match(importFault('diskimage/src/x.ts', '@kiln/kiln') ?? '', /may not import/);
  assert.equal(importFault('kiln/src/cli/x.ts', '../base/errors.ts'), undefined);
});
