import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineFlags, parseGoFlags } from './go-flags.ts';

const flags = defineFlags({
  color: { type: 'boolean', default: true, description: '' },
  force: { type: 'boolean', default: false, description: '' },
  only: { type: 'names', value: 'a,b', description: '' },
  var: { type: 'pairs', value: 'k=v', description: '' },
  'var-file': { type: 'texts', value: 'path', description: '' },
  'parallel-builds': { type: 'count', value: '1', default: 0, description: '' },
  'on-error': { type: 'choice', choices: ['cleanup', 'ask'], default: 'cleanup', description: '' },
  path: { type: 'text', value: 'path', description: '' },
});

/** What a right command line gives, but for what it leaves at its default. */
function read(...words: readonly string[]) {
  const result = parseGoFlags(flags, words);
  assert.ok(result.ok, result.ok ? '' : result.message);
  const defaults = parseGoFlags(flags, []);
  assert.ok(defaults.ok);
  const changed = Object.entries(result.values).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults.values[name]),
  );
  return [Object.fromEntries(changed), result.args];
}

function refuse(...words: readonly string[]): string {
  const result = parseGoFlags(flags, words);
  assert.ok(!result.ok, 'it was taken');
  return result.message;
}

test('one dash and two mean the same, and values stand behind = or as the next word', () => {
  assert.deepEqual(read('-only', 'a', '--only=b,c', '-path=x=y', 't.json'), [
    { only: ['a', 'b', 'c'], path: 'x=y' },
    ['t.json'],
  ]);
});

test('a switch takes a value only behind =', () => {
  assert.deepEqual(read('-force', 'true'), [{ force: true }, ['true']]);
  assert.deepEqual(read('-color=f', '-force=1'), [{ color: false, force: true }, []]);
});

test('the first word that is no flag ends the flags', () => {
  assert.deepEqual(read('t.json', '-force'), [{}, ['t.json', '-force']]);
  assert.deepEqual(read('-', '-force'), [{}, ['-', '-force']]);
  assert.deepEqual(read('-force', '--', '-only', 'a'), [{ force: true }, ['-only', 'a']]);
});

test('variables and their files may be given several times, and keep commas', () => {
  assert.deepEqual(read('-var', 'a=1,2', '-var', 'b=', '-var-file', 'x,y', '-var-file=z'), [
    { var: ['a=1,2', 'b='], 'var-file': ['x,y', 'z'] },
    [],
  ]);
});

test('numbers and choices are read', () => {
  assert.deepEqual(read('-parallel-builds=-1', '-on-error', 'ask'), [
    { 'parallel-builds': -1, 'on-error': 'ask' },
    [],
  ]);
});

for (const [what, words, message] of [
  ['an unknown flag', ['-foo'], 'flag provided but not defined: -foo'],
  ['an unknown flag with a value', ['--foo=1'], 'flag provided but not defined: -foo'],
  ['three dashes', ['---force'], 'bad flag syntax: ---force'],
  ['a flag without a name', ['-=1'], 'bad flag syntax: -=1'],
  ['a missing value', ['-only'], 'flag needs an argument: -only'],
  ['a switch with a wrong value', ['-force=maybe'], 'invalid boolean value "maybe" for -force: parse error'],
  [
    'a number that is none',
    ['-parallel-builds=x'],
    'invalid value "x" for flag -parallel-builds: parse error',
  ],
  [
    'a variable without a value',
    ['-var', 'a'],
    'invalid value "a" for flag -var: it must be written name=value',
  ],
  [
    'another choice',
    ['-on-error=zzz'],
    'invalid value "zzz" for flag -on-error: it must be one of cleanup, ask',
  ],
  ['a name of every object', ['-constructor'], 'flag provided but not defined: -constructor'],
] as const) {
  test(`${what} is refused as Go does`, () => assert.equal(refuse(...words), message));
}
