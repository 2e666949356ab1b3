import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { exists } from '../base/files.ts';
import type { Artifact } from '../hosts/artifact.ts';
import { KeptResults } from './kept-results.ts';

interface Bench {
  readonly home: string;
  readonly kept: KeptResults;
  /** An artifact of files that are there. */
  artifact(...names: readonly string[]): Promise<Artifact>;
  path(name: string): string;
}

async function makeBench(t: TestContext): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-results-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const path = (name: string) => join(folder, name);
  return {
    home,
    path,
    kept: new KeptResults(home, (text) => !text.includes('s3cret')),
    artifact: async (...names) => {
      for (const name of names) await writeFile(path(name), name);
      return {
        builderId: 'test',
        id: 'VM',
        description: 'files',
        files: names.map(path),
        disk: { path: path(names[0] ?? 'none'), format: 'qcow2', seeded: true, user: 'admin' },
        destroy: async () => {},
      };
    },
  };
}

test('an artifact is found with all that was known of it, and can be destroyed', async (t) => {
  const { kept, artifact, home } = await makeBench(t);
  const made = await artifact('a', 'b');
  await kept.keep('key', made);
  const found = await kept.find('key');
  assert.deepEqual({ ...found, destroy: undefined }, { ...made, destroy: undefined });
  assert.equal(await kept.find('other'), undefined);
  const [name] = await readdir(join(home, 'checkpoints', 'results'));
  assert.equal((await stat(join(home, 'checkpoints', 'results', name!))).mode & 0o777, 0o600);
  await found?.destroy();
  for (const file of made.files) assert.equal(await exists(file), false);
  assert.equal(await kept.find('key'), undefined);
});

test('nothing is found once a file was changed, replaced, moved or removed', async (t) => {
  const { kept, artifact, path } = await makeBench(t);
  const touches: Readonly<Record<string, () => Promise<void>>> = {
    changed: () => writeFile(path('b'), 'B'),
    replaced: async () => {
      await writeFile(path('c'), 'b');
      await rename(path('c'), path('b'));
    },
    'changed in its mode': () => chmod(path('b'), 0o600),
    'dated back after a change': async () => {
      const { atime, mtime } = await stat(path('b'));
      await writeFile(path('b'), 'B');
      await utimes(path('b'), atime, mtime);
    },
    moved: () => rename(path('b'), path('d')),
    removed: () => rm(path('b')),
  };
  for (const [what, touch] of Object.entries(touches)) {
    await kept.keep('key', await artifact('a', 'b'));
    assert.ok(await kept.find('key'), what);
    await touch();
    assert.equal(await kept.find('key'), undefined, what);
  }
});

test('files that are named from the working folder are known by where they are', async (t) => {
  const { kept, artifact, path } = await makeBench(t);
  const made = await artifact('a');
  const files = [relative(process.cwd(), path('a'))];
  await kept.keep('key', { ...made, files });
  assert.deepEqual((await kept.find('key'))?.files, files);
});

test('what is not worth it or not safe is not remembered', async (t) => {
  const { kept, artifact } = await makeBench(t);
  await kept.keep('none', await artifact());
  assert.equal(await kept.find('none'), undefined);
  await kept.keep('secret', await artifact('s3cret.txt'));
  assert.equal(await kept.find('secret'), undefined);
  await kept.keep('missing', { ...(await artifact('a')), files: ['/nowhere/a'] });
  assert.equal(await kept.find('missing'), undefined);
});

test('an older result is forgotten when a newer one cannot be remembered', async (t) => {
  const { kept, artifact } = await makeBench(t);
  const made = await artifact('a');
  await kept.keep('key', made);
  await kept.keep('key', { ...made, files: [...made.files, '/nowhere/b'] });
  assert.equal(await kept.find('key'), undefined);
});

test('a note that was cut off or is nonsense costs no build', async (t) => {
  const { kept, artifact, home } = await makeBench(t);
  await kept.keep('key', await artifact('a'));
  const path = join(home, 'checkpoints', 'results', 'key.json');
  for (const text of [
    '',
    '{"schema":1,"art',
    'null',
    '{"schema":1}',
    '{"schema":1,"artifact":{"files":["x"]}}',
    '[]',
  ]) {
    await writeFile(path, text);
    assert.equal(await kept.find('key'), undefined, text);
  }
});
