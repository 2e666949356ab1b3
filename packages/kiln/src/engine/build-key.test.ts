import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Build, Plan } from '../plan/plan.ts';
import type { FileStep, Step } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import { type BuildKey, buildKey } from './build-key.ts';
import { imageBuild, nullBuild, shellLocal, shellStep } from './test-support.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-key-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'script.sh'), 'echo hi\n', { mode: 0o644 });
  await mkdir(join(folder, 'tree/inner'), { recursive: true });
  await writeFile(join(folder, 'tree/inner/a'), 'a');
  return folder;
}

function build(steps: readonly Step[], more: Partial<Build> = {}): Build {
  return imageBuild('web', { kind: 'store', reference: 'base' }, { steps, ...more });
}

function upload(...sources: Text[]): FileStep {
  return {
    kind: 'file',
    direction: 'upload',
    sources,
    destination: '/tmp',
    generated: false,
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
  };
}

function keyOf(folder: string, one: Build, base = 'b1', secrets: readonly string[] = []): Promise<BuildKey> {
  const origin = { file: join(folder, 'kiln.yaml'), folder, dialect: 'kiln' };
  const plan: Plan = { kind: 'plan', origin, builds: [one], machines: [], secrets };
  return buildKey(one, plan, base);
}

const script = shellStep('script.sh');

test('the key changes with whatever changes the image, and only then', async (t) => {
  const folder = await makeFolder(t);
  const seen = new Set<string>();
  const isNew = async (what: string, one: Build, base?: string) => {
    const { hash } = await keyOf(folder, one, base);
    assert.ok(hash !== undefined && !seen.has(hash), what);
    seen.add(hash);
    await utimes(join(folder, 'script.sh'), 1, 1);
    assert.equal((await keyOf(folder, one, base)).hash, hash, `${what}, again`);
  };
  const both = build([script, upload('tree')]);
  await isNew('the first', both);
  await isNew('another base', both, 'b2');
  await isNew('another order', build([upload('tree'), script]));
  await isNew('an option', build([{ ...script, skipClean: true }, upload('tree')]));
  await isNew('a trailing slash, which copies differently', build([script, upload('tree/')]));
  await writeFile(join(folder, 'script.sh'), 'echo ho\n');
  await isNew('content', both);
  await chmod(join(folder, 'script.sh'), 0o755);
  await isNew('mode', both);
  await writeFile(join(folder, 'tree/b'), '');
  await isNew('a file more', both);
  await rm(join(folder, 'tree/b'));
  await symlink('inner/a', join(folder, 'tree/b'));
  await isNew('a link instead', both);
  await rm(join(folder, 'tree/b'));
  await symlink('inner/x', join(folder, 'tree/b'));
  await isNew('another target', both);
  await mkdir(join(folder, 'beside'));
  await writeFile(join(folder, 'beside/file'), 'one');
  await symlink('../beside', join(folder, 'tree/c'));
  await symlink('../tree', join(folder, 'beside/back'));
  await isNew('a link to a folder', both);
  await writeFile(join(folder, 'beside/file'), 'two');
  await isNew('what a link leads to', both);
  await mkdir(join(folder, 'tree/empty'));
  await isNew('an empty folder', both);
});

test('names, places in files, results and outputs are not in the key', async (t) => {
  const folder = await makeFolder(t);
  const { hash } = await keyOf(folder, build([script]));
  const at = { file: 'kiln.yaml', line: 3, column: 1 };
  const renamed = build([{ ...script, name: 'set up', at, timeout: 1000, maxRetries: 2 }], { outputs: [] });
  assert.equal((await keyOf(folder, renamed)).hash, hash);
});

test('a project that is moved has the same key', async (t) => {
  const [here, there] = [await makeFolder(t), await makeFolder(t)];
  const absolute = (folder: string) =>
    build([shellStep(join(folder, 'script.sh')), upload(join(folder, 'tree'))]);
  assert.equal((await keyOf(here, absolute(here))).hash, (await keyOf(there, absolute(there))).hash);
});

test('a secret enters as a stand-in', async (t) => {
  const folder = await makeFolder(t);
  const withToken = (token: string) => build([{ ...script, environment: [['TOKEN', token]] }]);
  const one = await keyOf(folder, withToken('s3cret-1'), 'b', ['s3cret-1']);
  const other = await keyOf(folder, withToken('s3cret-2'), 'b', ['s3cret-2']);
  assert.equal(one.hash, other.hash);
});

test('what cannot be repeated has no key, and says why', async (t) => {
  const folder = await makeFolder(t);
  const environment = [['WHEN', { kind: 'template', source: 'at {{ isotime }}' }]] as const;
  const cases: readonly [Build, RegExp][] = [
    [nullBuild('n'), /null/],
    [build([shellLocal('true')]), /shell-local/],
    [build([{ ...upload('/var/log'), direction: 'download' }]), /downloads/],
    [build([{ ...upload('made'), generated: true }]), /made while/],
    [build([upload({ kind: 'template', source: '{{ template_dir }}/x' })]), /known only/],
    [build([{ ...script, environment }]), /isotime/],
  ];
  for (const [one, reason] of cases) {
    const key = await keyOf(folder, one);
    assert.equal(key.hash, undefined);
    assert.match(key.reason ?? '', reason);
  }
  const named = [['NAME', { kind: 'template', source: '{{ build_name }}' }]] as const;
  assert.ok((await keyOf(folder, build([{ ...script, environment: named }]))).hash);
});

test('a file that is missing is named', async (t) => {
  const folder = await makeFolder(t);
  await assert.rejects(keyOf(folder, build([shellStep('gone.sh')])), {
    code: 'file-missing',
    message: /gone\.sh/,
  });
});
