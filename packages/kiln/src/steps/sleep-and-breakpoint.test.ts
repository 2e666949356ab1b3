import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';

const base = { pauseBefore: 0, timeout: 0, maxRetries: 0 } as const;

test('a sleep waits, and ends early when cancelled', async (t) => {
  const context = await recordedContext(t);
  const before = performance.now();
  await runStep({ ...base, kind: 'sleep', duration: 50 }, context);
  assert.ok(performance.now() - before >= 45);
  const cancel = new AbortController();
  const sleeping = runStep(
    { ...base, kind: 'sleep', duration: 1_000_000 },
    await recordedContext(t, { signal: cancel.signal }),
  );
  cancel.abort();
  await assert.rejects(sleeping, { code: 'cancelled' });
});

test('a breakpoint shows its note and waits for the answer', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const context = await recordedContext(t, { ask: () => promise });
  let over = false;
  const waiting = Promise.resolve(
    runStep({ ...base, kind: 'breakpoint', note: 'look at the disk', disabled: false }, context),
  ).then(() => {
    over = true;
  });
  await new Promise((tick) => setImmediate(tick));
  assert.equal(over, false);
  assert.match(context.said.join(), /look at the disk/);
  resolve('');
  await waiting;
});

test('a disabled breakpoint asks nothing', async (t) => {
  const context = await recordedContext(t, { ask: () => assert.fail('asked') });
  await runStep({ ...base, kind: 'breakpoint', note: 'later', disabled: true }, context);
  assert.match(context.said.join(), /disabled.*later/);
});

test('a breakpoint that nobody answers ends when cancelled', async (t) => {
  const cancel = new AbortController();
  const context = await recordedContext(t, { ask: () => new Promise(() => {}), signal: cancel.signal });
  const waiting = runStep({ ...base, kind: 'breakpoint', note: '', disabled: false }, context);
  cancel.abort();
  await assert.rejects(waiting, { code: 'cancelled' });
});
