import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { layerFile, storeLayout } from '../home.ts';
import { baseName } from './checkpoint-files.ts';
import { CheckpointStore } from './checkpoint-store.ts';

test('a state on an image of several layers can be opened', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'kiln-base-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const { layers } = storeLayout(home);
  mkdirSync(layers);
  const digests = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
  const create = (folder: string, name: string, below?: string) =>
    execFileSync(
      'qemu-img',
      ['create', '-q', '-f', 'qcow2', ...(below ? ['-u', '-b', below, '-F', 'qcow2'] : []), name, '1M'],
      { cwd: folder },
    );
  for (const [index, digest] of digests.entries())
    create(layers, layerFile(digest), index === 0 ? undefined : layerFile(digests[index - 1]!));

  const store = new CheckpointStore(home, undefined);
  const top = digests[2]!;
  await store.linkBase(top, join(layers, layerFile(top)));
  create(store.files.disks, 'state.qcow2', baseName(top));
  const info = execFileSync('qemu-img', ['info', '--backing-chain', '--output=json', 'state.qcow2'], {
    cwd: store.files.disks,
    encoding: 'utf8',
  });
  assert.equal((JSON.parse(info) as unknown[]).length, 4);
});
