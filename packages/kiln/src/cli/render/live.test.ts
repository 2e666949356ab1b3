import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import { createLiveRenderer } from './live.ts';
import { makeTerminal } from './screen.testing.ts';

const steady = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u, '*').replace(/\d+(?:\.\d)? m?s$/, 'TIME'));

const frame = () => new Promise((resolve) => setTimeout(resolve, 250));

const story: readonly KilnEvent[] = [
  { kind: 'build-started', build: 'web' },
  { kind: 'build-started', build: 'db' },
  { kind: 'stage-started', build: 'web', stage: 'booting the machine' },
  {
    kind: 'stage-finished',
    build: 'web',
    stage: 'booting the machine',
    outcome: 'succeeded',
    milliseconds: 900,
  },
  { kind: 'stage-started', build: 'web', stage: 'step 1 of 2: shell' },
  { kind: 'output', build: 'web', stream: 'stdout', line: 'first' },
  { kind: 'output', build: 'web', stream: 'stdout', line: '10%\r\x1b[31m99%\x1b[0m \x07done\r' },
  { kind: 'message', build: 'db', level: 'warning', text: 'slow' },
  { kind: 'progress', build: 'db', label: 'downloading', done: 512, total: 1024, unit: 'bytes' },
];

test('finished things scroll by above a block with what is running', async (t) => {
  const { screen, stream } = makeTerminal(60, 20);
  const live = createLiveRenderer(stream);
  t.after(live.close);
  for (const event of story) live.event(event);
  await frame();
  assert.deepEqual(steady(screen.visible()), [
    '✔ web booting the machine TIME',
    '  db warning: slow',
    '* web step 1 of 2: shell TIME',
    '    99% done',
    '* db starting TIME',
    '    downloading: 512 B of 1.0 KB (50 %)',
  ]);
  assert.equal(screen.cursorHidden, true);

  live.event({ kind: 'progress', build: 'db', label: 'downloading', done: 1024, total: 1024, unit: 'bytes' });
  live.event({ kind: 'build-finished', build: 'web', outcome: 'failed', error: 'x', milliseconds: 1200 });
  live.note('cancelling');
  await frame();
  assert.deepEqual(steady(screen.visible()), [
    '✔ web booting the machine TIME',
    '  db warning: slow',
    '✘ web build failed TIME',
    'cancelling',
    '* db starting TIME',
  ]);

  live.close();
  live.close();
  assert.deepEqual(steady(screen.visible()).slice(0, 4), [
    '✔ web booting the machine TIME',
    '  db warning: slow',
    '✘ web build failed TIME',
    'cancelling',
  ]);
  assert.equal(screen.visible().length, 4);
  assert.equal(screen.cursorHidden, false);
});

test('a line that is too long is cut, so that the block stays as high as it was counted', async (t) => {
  const { screen, stream } = makeTerminal(24, 20);
  const live = createLiveRenderer(stream);
  t.after(live.close);
  live.event({ kind: 'build-started', build: 'web' });
  for (let count = 0; count < 5; count++) {
    live.event({ kind: 'output', build: 'web', stream: 'stdout', line: `${count} 漢字漢字漢字漢字漢字漢字` });
    await frame();
  }
  const lines = screen.visible();
  assert.equal(lines.length, 2);
  assert.equal(lines[1], '    4 漢字漢字漢字漢字…');
});

test('a narrower window leaves nothing of the old block behind', async (t) => {
  const { screen, stream, resize } = makeTerminal(60, 20);
  const live = createLiveRenderer(stream);
  t.after(live.close);
  live.event({ kind: 'build-started', build: 'web' });
  live.event({ kind: 'output', build: 'web', stream: 'stdout', line: 'x'.repeat(50) });
  await frame();
  resize(20);
  await frame();
  assert.deepEqual(
    steady(screen.visible()).map((line) => line.slice(0, 8)),
    ['* web st', '    xxxx'],
  );
});

test('a terminal without a size is drawn on as one of eighty columns', async (t) => {
  const { screen, stream } = makeTerminal(80, 24);
  Object.assign(stream.raw, { columns: 0, rows: 0 });
  const live = createLiveRenderer(stream);
  t.after(live.close);
  for (const build of ['web', 'db']) live.event({ kind: 'build-started', build });
  await frame();
  await frame();
  assert.deepEqual(steady(screen.visible()), ['* web starting TIME', '* db starting TIME']);
});

test('more builds than lines on the screen do not scroll it', async (t) => {
  const { screen, stream } = makeTerminal(40, 5);
  const live = createLiveRenderer(stream);
  t.after(live.close);
  for (let count = 0; count < 9; count++) live.event({ kind: 'build-started', build: `b${count}` });
  await frame();
  await frame();
  assert.equal(screen.scrolled, 0);
  assert.equal(screen.visible().length, 4);
});

test('a question gets a clean screen and a cursor, and the block comes back', async (t) => {
  const { screen, stream } = makeTerminal(40, 10);
  const live = createLiveRenderer(stream);
  t.after(live.close);
  live.event({ kind: 'build-started', build: 'web' });
  await frame();
  const resume = live.pause();
  stream.write('go on? y\n');
  await frame();
  assert.deepEqual(screen.visible(), ['go on? y']);
  assert.equal(screen.cursorHidden, false);
  resume();
  await frame();
  assert.deepEqual(steady(screen.visible()), ['go on? y', '* web starting TIME']);
});

test('who is asked about a failure sees what the failed stage printed, once', async (t) => {
  const { screen, stream } = makeTerminal(40, 20);
  const live = createLiveRenderer(stream);
  t.after(live.close);
  live.event({ kind: 'build-started', build: 'web' });
  const fail = (line: string) => {
    live.event({ kind: 'stage-started', build: 'web', stage: 'step' });
    live.event({ kind: 'output', build: 'web', stream: 'stderr', line });
    live.event({ kind: 'stage-finished', build: 'web', stage: 'step', outcome: 'failed', milliseconds: 1 });
  };
  fail('no such file');
  live.pause()();
  live.pause()();
  assert.deepEqual(screen.visible(), ['✘ web step 1 ms', '  | no such file']);
  fail('still no such file');
  live.pause()();
  assert.deepEqual(screen.visible().slice(2), ['✘ web step 1 ms', '  | still no such file']);
});
