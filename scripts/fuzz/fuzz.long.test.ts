import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../packages/hcl/src/testing/random.ts';
import { KilnError } from '../../packages/kiln/src/base/errors.ts';
import { caseText } from './cases.ts';
import { fuzz } from './fuzz.ts';
import { judge, type Reading, type Said, type Target } from './judge.ts';
import { corpusOf, mutant } from './mutate.ts';
import { shrink } from './shrink.ts';
import { targets } from './targets.ts';
import { tokensOf } from './tokens.ts';

test('no reader crashes, hangs or loses its place over damaged texts', { timeout: 300_000 }, async () => {
  const { faults, good } = await fuzz({ cases: 420, seed: 20_261 });
  assert.deepEqual(faults, []);
  assert.ok(good > 20, `only ${good} mutants could be used: the mutations destroy too much`);
});

test('the texts that mutants are made from can be used, but for those that are wrong on purpose', async () => {
  for (const target of targets) {
    const verdicts = await Promise.all(target.corpus.texts.map((text) => judge(target, text)));
    assert.deepEqual(
      verdicts.map(({ fault }) => fault),
      target.corpus.texts.map(() => undefined),
      target.name,
    );
  }
});

const said = (message: string, line = 1, column = 1, file = 'x'): Said => ({
  severity: 'error',
  message,
  at: { file, line, column },
});

const refused = (...all: readonly Said[]): Reading => ({ isGood: false, said: all });

const readers: readonly (readonly [fault: RegExp | undefined, read: Target['read']])[] = [
  [undefined, () => ({ isGood: true, said: [] })],
  [undefined, () => refused(said('no', 2, 4))],
  [/^threw TypeError/, () => JSON.parse('null').x],
  [/^threw KilnError/, () => Promise.reject(new KilnError('template-invalid', 'no'))],
  [/^is refused without an error/, () => refused()],
  [/^is good in spite of an error/, () => ({ isGood: true, said: [said('no')] })],
  [/^names no place/, () => refused({ severity: 'error', message: 'no' })],
  [/^names 3:1/, () => refused(said('no', 3))],
  [/^names 1:6/, () => refused(said('no', 1, 6))],
  [/^names 0:1/, () => refused(said('no', 0))],
  [/^names the file y/, () => refused(said('no', 1, 1, 'y'))],
  [/^shows a stack/, () => refused(said('no\n    at f (a.ts:1:2)'))],
  [/^says \[object/, () => refused(said('found [object Object]'))],
  [/^says undefined/, () => refused(said('found undefined'))],
  [/^says 4000/, () => refused(said('x'.repeat(5_000)))],
  [/^says nothing/, () => refused(said(' '))],
  [/^took more/, spin],
];

function spin(): Reading {
  const { user, system } = process.cpuUsage();
  for (;;) {
    const now = process.cpuUsage();
    if (now.user + now.system - user - system > 120_000) return { isGood: true, said: [] };
  }
}

test('each thing that a reader must not do is seen', async () => {
  for (const [fault, read] of readers) {
    const verdict = await judge({ name: 'x', file: 'x', timeLimit: 100, read }, 'abcd\nefg');
    if (fault) assert.match(verdict.fault ?? '', fault);
    else assert.equal(verdict.fault, undefined);
  }
});

test('a case is the same each time, and cases differ', () => {
  const target = targets[0]!;
  assert.equal(caseText(target, 1, 5), caseText(target, 1, 5));
  const texts = Array.from({ length: 100 }, (_, number) => caseText(target, 1, number));
  assert.ok(new Set(texts).size > 90);
  assert.notEqual(caseText(target, 2, 5), caseText(target, 1, 5));
});

test('mutations work on any text', () => {
  for (const text of ['', ' ', '\0', 'a', '"', '\ud800', '1']) {
    const corpus = corpusOf([text, 'other text 12']);
    for (let seed = 0; seed < 100; seed++) assert.equal(typeof mutant(new Random(seed), corpus), 'string');
  }
});

test('tokens are the text again', () => {
  for (const text of ['a: "b \\" c"\n  {x}', '"open\n', '\ud800é\u{1f600} ..']) {
    assert.equal(tokensOf(text).join(''), text);
  }
});

test('a failing text is made as short as it gets', async () => {
  const fails = async (text: string) => /a.*b/s.test(text) && text.includes('"key"');
  const text = `${'line\n'.repeat(50)}x a x\n${'line\n'.repeat(50)}{"key": 1, "c": b}\n`;
  const short = await shrink(text, fails, 10_000);
  assert.ok(short.length <= 8 && (await fails(short)), short);
});
