import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nextLayer, settleDisk } from './settle-disk.ts';

test('every disk of a machine that is off is what the machine wrote to last', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-settle-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['disk.qcow2', 'disk-data.qcow2', 'disk-logs.qcow2'])
    writeFileSync(join(folder, name), 'old');
  for (const name of ['disk.qcow2', 'disk-data.qcow2']) writeFileSync(nextLayer(join(folder, name)), 'new');
  // A command that was killed has not finished this one.
  writeFileSync(`${nextLayer(join(folder, 'disk-logs.qcow2'))}.new`, '');
  await settleDisk({ folder });
  await settleDisk({ folder });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  assert.deepEqual(['disk.qcow2', 'disk-data.qcow2', 'disk-logs.qcow2'].map(read), ['new', 'new', 'old']);
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.next')).length, 0);
  await settleDisk({ folder: join(folder, 'gone') });
});
