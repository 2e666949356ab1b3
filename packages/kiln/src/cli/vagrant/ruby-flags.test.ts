import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRubyFlags, parseRubyFlags } from './ruby-flags.ts';

const flags = defineRubyFlags({
  force: { type: 'switch', short: 'f', description: '' },
  parallel: { type: 'switch', forms: 'both', description: '' },
  provider: { type: 'text', value: 'P', description: '' },
  provision: { type: 'switch', forms: 'both', description: '' },
  'provision-with': { type: 'list', value: 'x,y', description: '' },
  command: { type: 'text', short: 'c', value: 'C', description: '' },
  tty: { type: 'switch', short: 't', forms: 'both', description: '' },
});

const cases: readonly (readonly [words: string, values: Record<string, unknown>, args: readonly string[]])[] =
  [
    ['web -f db', { force: true }, ['web', 'db']],
    ['--provider=x web', { provider: 'x' }, ['web']],
    ['--provider x --no-provision', { provider: 'x', provision: false }, []],
    ['--provision-with a,b', { 'provision-with': ['a', 'b'] }, []],
    ['--forc --no-par', { force: true, parallel: false }, []],
    ['-ftc uptime', { force: true, tty: true, command: 'uptime' }, []],
    ['-cuptime -- -f', { command: 'uptime' }, ['-f']],
    ['-c --force', { command: '--force' }, []],
    ['--no-color web', { color: false }, ['web']],
    ['-', {}, ['-']],
  ];

for (const [words, values, args] of cases) {
  test(`flags as Ruby reads them: ${words}`, () => {
    assert.deepEqual(parseRubyFlags(flags, words.split(' ')), { kind: 'parsed', values, args });
  });
}

test('help is help wherever it stands, and whatever else is wrong behind it', () => {
  for (const words of ['-h', 'web --help', '--hel', '-fh']) {
    assert.deepEqual(parseRubyFlags(flags, words.split(' ')), { kind: 'help' }, words);
  }
});

test('what is no option, may be two, or lacks its value is said', () => {
  const message = (words: string) => {
    const result = parseRubyFlags(flags, words.split(' '));
    return result.kind === 'invalid' ? result.message : result.kind;
  };
  assert.equal(message('--bad'), 'there is no option --bad');
  assert.equal(message('-x'), 'there is no option -x');
  assert.equal(message('--prov'), '--prov may be one of several options');
  assert.equal(message('--provider'), '--provider needs a value');
  assert.equal(message('-c'), '-c needs a value');
});
