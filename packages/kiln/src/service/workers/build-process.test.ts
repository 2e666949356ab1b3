import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { identifyProcess } from '../../base/processes.ts';
import { runBuild } from './build-process.ts';
import { findBuildUser } from './build-user.ts';

/** A program that stands in the place of Kiln, and says what it can see. */
function openStage(t: TestContext, script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-process-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const secrets = join(folder, 'service');
  mkdirSync(secrets, { mode: 0o700 });
  writeFileSync(join(secrets, 'key'), 'private', { mode: 0o600 });
  const program = join(folder, 'program.sh');
  writeFileSync(program, script);
  const lines: string[] = [];
  const controller = new AbortController();
  const started: string[] = [];
  return {
    folder,
    lines,
    controller,
    started,
    run: (more: Partial<Parameters<typeof runBuild>[0]> = {}) =>
      runBuild({
        program: ['/bin/sh', program],
        template: 'template.json',
        more: [],
        folder,
        home: join(folder, 'builds'),
        onError: 'cleanup',
        signal: controller.signal,
        onStart: async (one) => void started.push(one),
        onLine: (line) => void lines.push(line),
        ...more,
      }),
  };
}

test('a build sees nothing of the environment of the service but what builds need', async (t) => {
  process.env.KILN_DATABASE = 'postgres://user:secret@host/db';
  process.env.SOME_TOKEN = 'secret';
  process.env.EXTRA = 'for builds';
  t.after(() => {
    for (const name of ['KILN_DATABASE', 'SOME_TOKEN', 'EXTRA']) delete process.env[name];
  });
  const stage = openStage(t, 'env; echo "$@"');
  assert.equal(await stage.run({ passed: ['EXTRA'] }), 0);
  const text = stage.lines.join('\n');
  assert.doesNotMatch(text, /secret|KILN_DATABASE/);
  assert.match(text, /^EXTRA=for builds$/m);
  assert.match(text, new RegExp(`^KILN_HOME=${stage.folder}/builds$`, 'm'));
  assert.match(text, /build template\.json --json --on-error=cleanup$/m);
});

test('builds run as another user who cannot read what belongs to the service', {
  skip: process.getuid?.() === 0 ? false : 'only root can run builds as somebody else',
}, async (t) => {
  const stage = openStage(t, 'id -un; cat service/key');
  assert.notEqual(await stage.run({ user: findBuildUser('nobody') }), 0);
  assert.deepEqual([stage.lines.includes('nobody'), stage.lines.includes('private')], [true, false]);
  const own = openStage(t, 'cat service/key');
  await own.run();
  assert.deepEqual(own.lines, ['private']);
  assert.throws(() => findBuildUser('no-such-user'), { code: 'bad-usage' });
  assert.throws(() => findBuildUser('root'), { code: 'bad-usage' });
});

test('a build that minds no signal is ended by force, with all that it has started', async (t) => {
  const stage = openStage(t, "trap '' INT TERM; sleep 300 & echo child $!; wait; wait; wait");
  const done = stage.run();
  while (stage.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const from = performance.now();
  stage.controller.abort();
  assert.equal(await done, 137);
  assert.ok(performance.now() - from < 5_000);
  const child = Number(stage.lines[0]!.split(' ')[1]);
  assert.equal(identifyProcess(child), undefined);
  assert.equal(stage.started.length, 1);
});
