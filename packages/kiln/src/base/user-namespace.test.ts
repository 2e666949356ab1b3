import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runOrFail } from './processes.ts';
import { asRoot, isRoot, namespaceObstacle, removeTree } from './user-namespace.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-namespace-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('files can be given to other users, by whoever is root or may be in a namespace', async (t) => {
  const obstacle = await namespaceObstacle();
  if (obstacle) return t.skip(`${obstacle.message} (${obstacle.hint})`);
  const folder = await makeFolder(t);
  await chmod(folder, 0o700);
  const tree = join(folder, 'tree');
  const script =
    'mkdir -p "$1/inner"; touch "$1/inner/file"; chown -R 33:33 "$1/inner"; chmod 0500 "$1/inner"';
  await runOrFail(...asRoot('sh', ['-ec', script, 'sh', tree]));
  const { stdout } = await runOrFail(...asRoot('stat', ['-c', '%u:%g', join(tree, 'inner')]));
  assert.equal(stdout.trim(), '33:33');
  assert.equal((await stat(join(tree, 'inner'))).uid === 33, isRoot(), 'outside it is another number');
  await removeTree(tree);
  assert.equal(existsSync(tree), false);
});

test('a tree that was never there, or is one’s own, is removed without a namespace', async (t) => {
  const folder = await makeFolder(t);
  await removeTree(join(folder, 'nothing'));
  await mkdir(join(folder, 'a/b'), { recursive: true });
  await writeFile(join(folder, 'a/b/c'), '');
  await removeTree(join(folder, 'a'));
  assert.equal(existsSync(join(folder, 'a')), false);
});
