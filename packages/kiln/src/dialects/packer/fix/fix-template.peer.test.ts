import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixTemplate } from './fix-template.ts';
import { cases } from './testing/cases.ts';

test('Packer fixes the same in the same way', (t) => {
  if (spawnSync('packer', ['version']).error) return t.skip('packer is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'kiln-fix-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // All at once: each start of Packer takes its time.
  // It gives up on a template at the first builder that has anything but texts, in an order that changes.
  const comparable = cases.filter(([name]) => name !== 'createtime');
  const all = {
    builders: comparable.filter(([, kind]) => kind === 'builders').map(([, , before]) => before),
    provisioners: comparable.filter(([, kind]) => kind === 'provisioners').map(([, , before]) => before),
    'post-processors': comparable
      .filter(([, kind]) => kind === 'post-processors')
      .map(([, , before]) => before),
    variables: { z: '<a>', B: null, a: 'é😀' },
  };
  writeFileSync(join(folder, 't.json'), JSON.stringify(all));
  const stdout = execFileSync('packer', ['fix', '-validate=false', 't.json'], {
    cwd: folder,
    env: { ...process.env, HOME: folder, CHECKPOINT_DISABLE: '1' },
    encoding: 'utf8',
  });
  assert.equal(`${fixTemplate({ file: 't.json', text: JSON.stringify(all) }).text}\n\n`, stdout);
});
