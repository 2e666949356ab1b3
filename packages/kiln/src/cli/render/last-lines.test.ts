import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastLines } from './last-lines.ts';

test('what is shown of a failure is the failed stage, not what ran to clean up behind it', () => {
  const last = new LastLines();
  const print = (line: string) => last.event({ kind: 'output', build: 'web', stream: 'stdout', line });
  const begin = (stage: string) => last.event({ kind: 'stage-started', build: 'web', stage });
  const end = (stage: string, outcome: 'succeeded' | 'failed') =>
    last.event({ kind: 'stage-finished', build: 'web', stage, outcome, milliseconds: 1 });
  begin('one');
  print('of one');
  end('one', 'succeeded');
  begin('two');
  for (let line = 1; line <= 20; line++) print(`line ${line}`);
  end('two', 'failed');
  begin('clean-up');
  print('swept');
  end('clean-up', 'failed');
  assert.equal(last.failedStage('web'), 'two');
  assert.deepEqual(
    last.of('web'),
    Array.from({ length: 15 }, (_, index) => `line ${index + 6}`),
  );
  assert.equal(last.failedStage('other'), undefined);
});
