import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMachineProgress } from './machine-progress.ts';
import { makeTerminal } from './render/screen.testing.ts';

const frame = () => new Promise((resolve) => setTimeout(resolve, 250));
const steady = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u, '*').replace(/\d+(?:\.\d)? m?s$/, 'TIME'));

test('several machines at a terminal have a line each until they are up', async (t) => {
  const { screen, stream } = makeTerminal(60, 20);
  const { renderer, isLive, follow } = createMachineProgress({ stderr: stream, env: {} }, 2);
  t.after(renderer.close);
  assert.equal(isLive, true);
  const gates = { web: Promise.withResolvers<string>(), db: Promise.withResolvers<string>() };
  const web = follow(
    'web',
    () => gates.web.promise,
    (text) => text,
  );
  const db = follow(
    'db',
    () => gates.db.promise,
    (text) => text,
  );
  renderer.event({ kind: 'message', build: 'web', level: 'info', text: 'booting' });
  renderer.event({ kind: 'stage-started', build: 'web', stage: 'provisioner shell' });
  renderer.event({ kind: 'output', build: 'web', stream: 'stdout', line: 'one' });
  renderer.event({ kind: 'output', build: 'web', stream: 'stdout', line: 'two' });
  await frame();
  assert.deepEqual(steady(screen.visible()), [
    '  web booting',
    '  web | one',
    '  web | two',
    '* web provisioner shell TIME',
    '* db starting TIME',
  ]);
  gates.web.resolve('is up (127.0.0.1:8080 -> 80)');
  gates.db.reject(new Error('no'));
  assert.equal(await web, 'is up (127.0.0.1:8080 -> 80)');
  await assert.rejects(db, /no/);
  renderer.close();
  assert.deepEqual(steady(screen.visible()).slice(3), [
    '✔ web is up (127.0.0.1:8080 -> 80) TIME',
    '✘ db did not come up TIME',
  ]);
});

test('one machine, a log and a pipe get lines', async () => {
  for (const [machines, isTerminal, env] of [
    [1, true, {}],
    [2, false, {}],
    [2, true, { CI: 'true' }],
    [2, true, { TERM: 'dumb' }],
  ] as const) {
    const { screen, stream } = makeTerminal(60, 20);
    const progress = createMachineProgress({ stderr: { ...stream, isTerminal }, env }, machines);
    assert.equal(progress.isLive, false);
    const done = progress.follow(
      'web',
      async () => 'done',
      () => 'is up',
    );
    progress.renderer.event({ kind: 'message', build: 'web', level: 'info', text: 'booting' });
    assert.equal(await done, 'done');
    assert.deepEqual(screen.visible(), ['web: booting']);
    progress.renderer.close();
  }
});
