import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import type { Trigger } from '../../plan/trigger.ts';
import { shellLocalStep, shellStep } from '../../steps/testing/step-defaults.ts';
import { TriggerAbort } from './trigger-abort.ts';
import { type TriggerScene, type TriggerServices, withTriggers } from './with-triggers.ts';

function trigger(changes: Partial<Trigger> = {}): Trigger {
  return {
    when: 'before',
    command: 'up',
    type: 'action',
    onError: 'halt',
    exitCodes: [0],
    ignore: [],
    ...changes,
  };
}

/** Runs work that notes itself, with these triggers around it. */
async function around(
  t: TestContext,
  triggers: readonly Trigger[],
  changes: Partial<TriggerScene> = {},
  more: Partial<TriggerServices> = {},
) {
  const folder = await temporaryFolder(t);
  const events: KilnEvent[] = [];
  const services = {
    home: join(folder, 'home'),
    emit: (event: KilnEvent) => events.push(event),
    signal: new AbortController().signal,
    ...more,
  };
  const machine = {
    name: 'web',
    record: async () => undefined,
    openGuest: () => () => assert.fail('there is no machine'),
  };
  const done = withTriggers(services, { command: 'up', triggers, folder, machine, ...changes }, async () => {
    events.push({ kind: 'message', level: 'info', text: 'the work' });
    return 42;
  });
  const texts = () =>
    events.flatMap((event) =>
      event.kind === 'message' ? [event.text] : event.kind === 'output' ? [`> ${event.line}`] : [],
    );
  return { done, texts, folder };
}

/** What becomes of `run: { inline: … }` in a Vagrantfile: a program with words, and no shell. */
const program = (...words: readonly string[]) =>
  shellLocalStep([], { script: { kind: 'inline', lines: [] }, executeCommand: words });

test('triggers run before and after the work, with what they say', async (t) => {
  const { done, texts } = await around(t, [
    trigger({ when: 'after', name: 'bye', info: 'done it' }),
    trigger({ info: 'about to', run: program('echo', 'two words', '$HOME') }),
  ]);
  assert.equal(await done, 42);
  assert.deepEqual(texts(), [
    'running the trigger before up',
    'about to',
    'Running inline script',
    '> two words $HOME',
    'the work',
    'running the trigger bye',
    'done it',
  ]);
});

test('programs of triggers run in the folder of their file', async (t) => {
  const { done, folder } = await around(t, [trigger({ run: program('sh', '-c', 'pwd >where') })]);
  await done;
  assert.equal((await readFile(join(folder, 'where'), 'utf8')).trim(), folder);
});

test('all means every command but those that are ignored, and only the machines that are named', async (t) => {
  const { done, texts } = await around(t, [
    trigger({ command: 'all', info: 'one' }),
    trigger({ command: 'all', info: 'two', ignore: ['up'] }),
    trigger({ info: 'three', onlyOn: ['db', { pattern: '^w', flags: '' }] }),
    trigger({ info: 'four', onlyOn: ['we'] }),
    trigger({ command: 'halt', info: 'five' }),
    trigger({ type: 'command', info: 'six' }),
  ]);
  await done;
  assert.deepEqual(
    texts().filter((text) => /^(?:one|two|three|four|five|six)$/.test(text)),
    ['one', 'three'],
  );
});

test('a failing trigger ends the command before its work, unless it may fail', async (t) => {
  const fails = program('sh', '-c', 'exit 3');
  const strict = await around(t, [trigger({ name: 'check', run: fails })]);
  await assert.rejects(strict.done, {
    code: 'step-failed',
    message: 'the trigger check failed: inline script ended with exit code 3; allowed exit codes: 0',
  });
  assert.ok(!strict.texts().includes('the work'));
  const lenient = await around(t, [trigger({ name: 'check', run: fails, onError: 'continue' })]);
  assert.equal(await lenient.done, 42);
  assert.match(lenient.texts().join('\n'), /the trigger check failed, and the command goes on/);
});

test('a program that does not exist is a failure like any other', async (t) => {
  const { done } = await around(t, [trigger({ run: program('no-such-program'), onError: 'continue' })]);
  assert.equal(await done, 42);
});

test('an abort ends everything with its own exit code', async (t) => {
  const { done, texts } = await around(t, [trigger({ abort: 7, warn: 'not today' })]);
  await assert.rejects(done, (error) => error instanceof TriggerAbort && error.exitCode === 7);
  assert.ok(texts().includes('not today'));
  assert.ok(!texts().includes('the work'));
});

test('what is to run in a machine needs one', async (t) => {
  const { done } = await around(t, [trigger({ runRemote: shellStep(['true']) })]);
  await assert.rejects(done, { code: 'not-found' });
});

test('code of the file is run by whoever can', async (t) => {
  const blocks: unknown[] = [];
  const { done } = await around(
    t,
    [trigger({ code: ['Vagrantfile', 12] })],
    {},
    {
      runCode: async ({ file, line, machine }) => {
        blocks.push([file, line, machine]);
      },
    },
  );
  await done;
  assert.deepEqual(blocks, [['Vagrantfile', 12, 'web']]);
  const nobody = await around(t, [trigger({ code: ['Vagrantfile', 12] })]);
  await assert.rejects(nobody.done, { code: 'unsupported' });
});

test('triggers after the work do not run when it fails', async (t) => {
  const folder = await temporaryFolder(t);
  const events: KilnEvent[] = [];
  await assert.rejects(
    withTriggers(
      { home: folder, emit: (event) => events.push(event), signal: new AbortController().signal },
      { command: 'up', triggers: [trigger({ when: 'after', info: 'never' })], folder },
      () => Promise.reject(new Error('no')),
    ),
    { message: 'no' },
  );
  assert.deepEqual(events, []);
});
