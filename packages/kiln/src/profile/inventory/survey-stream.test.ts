import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { guestSystem } from './guest-system.ts';
import type { Survey } from './survey.ts';
import { inventoryQuery } from './survey-query.ts';
import { surveyHeader } from './survey-script.ts';
import { SurveyStream } from './survey-stream.ts';

/** What a machine prints, in the form of the script. */
function printed(records: string | Buffer, packing: 'gzip' | 'plain' = 'gzip'): string[] {
  const bytes = Buffer.from(records as string, 'latin1');
  const text = (packing === 'gzip' ? gzipSync(bytes) : bytes).toString('base64');
  return [`${surveyHeader} ${packing} base64`, ...(text.match(/.{1,76}/g) ?? [])];
}

function read(lines: readonly string[]): Survey {
  const stream = new SurveyStream(inventoryQuery.searches);
  for (const line of lines) stream.line(line);
  return stream.finish();
}

/** Fields end with a NUL byte. */
const fields = (...texts: readonly string[]) => texts.map((text) => `${text}\x00`).join('');
const entry = (path: string) => fields('E', 'f', '644', '0', '0', '5', '', path);
const root = fields('U', '0');
const end = fields('END');

test('what shells print before the script begins is passed over', () => {
  const survey = read(['Welcome to the machine!', '', ...printed(`${root}${entry('/etc/a')}${end}`)]);
  assert.deepEqual([...survey.entries.keys()], ['/etc/a']);
});

test('a script that did not come to its end is an error, not a survey with less in it', () => {
  const whole = printed(`${root}${entry('/etc/a')}${entry('/etc/b')}`);
  assert.throws(() => read(whole), { code: 'step-failed', message: /did not come to its end/ });
  assert.throws(() => read([]), { code: 'step-failed' });
  assert.throws(() => read(['sh: find: not found']), { code: 'step-failed' });
  assert.throws(() => read(printed('E\0f\x344').slice(0)), { code: 'step-failed', message: /cut off/ });
});

test('a machine that sends nonsense is told, whatever it sends', () => {
  assert.throws(() => read([`${surveyHeader} gzip base64`, 'AAAA']), {
    code: 'step-failed',
    message: /damaged/,
  });
  assert.throws(() => read(printed(`${fields('nonsense')}${end}`)), {
    code: 'step-failed',
    message: /unknown part/,
  });
  const odd = [
    fields('E', '?', 'x', 'y', 'z', '-1', '', '/odd'),
    fields('S', 'garbage\nff x\n'),
    fields('D', 'md5sum', 'not a digest\n'),
    fields('M', 'owned', 'no path\n'),
    fields('A', '\x1b[31m x\n'),
  ];
  const survey = read(printed(`${root}${odd.join('')}${end}`));
  assert.deepEqual([survey.entries.size, survey.matches.size, survey.running?.activeUnits], [0, 0, []]);
});

test('a machine cannot fill the memory: neither with much, nor with little that unpacks to much', () => {
  const piece = gzipSync(Buffer.alloc(8 << 20));
  const bomb = Buffer.concat(Array.from({ length: 50 }, () => piece))
    .toString('base64')
    .match(/.{1,76}/g)!;
  assert.throws(() => read([`${surveyHeader} gzip base64`, ...bomb]), {
    code: 'step-failed',
    message: /damaged/,
  });
  const stream = new SurveyStream([]);
  stream.line(`${surveyHeader} plain base64`);
  const line = 'A'.repeat(1 << 24);
  assert.throws(
    () => {
      for (let count = 0; count < 20; count += 1) stream.line(line);
    },
    { code: 'step-failed', message: /more than a survey can be/ },
  );
});

test('a command that fails, or a connection that breaks, is told with what was said', async () => {
  const failing = guestSystem(
    {
      exec: async ({ onLine }) => {
        onLine?.('sh: cannot fork', 'stderr');
        return { kind: 'exited', code: 2 };
      },
    },
    'the machine web',
  );
  await assert.rejects(failing.survey(inventoryQuery), {
    code: 'step-failed',
    message: 'the script that looks at the machine web ended with 2: sh: cannot fork',
  });
  const broken = guestSystem({ exec: async () => ({ kind: 'disconnected' }) }, 'the machine web');
  await assert.rejects(broken.survey(inventoryQuery), { code: 'guest-disconnected' });
});
