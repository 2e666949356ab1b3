import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KilnError } from '../base/errors.ts';
import { type Argument, defineCommand, defineOptions, type Options } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

const options = defineOptions({
  force: { type: 'flag', short: 'f', description: 'Force.' },
  live: { type: 'flag', on: true, description: 'Live.' },
  name: { type: 'text', short: 'n', value: 'NAME', description: 'Name.' },
  var: { type: 'list', value: 'X=Y', description: 'Variable.' },
  only: { type: 'list', commas: true, value: 'NAMES', description: 'Only.' },
  parallel: { type: 'number', short: 'j', value: 'N', min: 1, description: 'Parallel.' },
  'on-error': { type: 'choice', choices: ['cleanup', 'abort'], description: 'On error.' },
});

interface More {
  readonly arguments?: readonly Argument[];
  readonly passthrough?: Argument;
  readonly optionsEndAfter?: number;
  readonly options?: Options;
}

function command(more: More) {
  return defineCommand({
    name: 'try',
    summary: 'Try',
    options,
    arguments: [{ name: 'FILE', description: 'A file.' }],
    examples: [],
    load: async () => ({ run: async () => 0 }),
    ...more,
  });
}

function parse(words: readonly string[], more: More = {}) {
  const { input, help } = parseArguments(command(more), 'kiln try', words);
  return { ...input, help };
}

function refusal(words: readonly string[], more: More = {}): string {
  try {
    parse(words, more);
  } catch (error) {
    assert.ok(error instanceof KilnError);
    assert.equal(error.code, 'bad-usage');
    return `${error.message} | ${error.hint}`;
  }
  throw new Error('it was accepted');
}

test('options have their defaults', () => {
  assert.deepEqual(parse([]), {
    options: {
      force: false,
      live: true,
      name: undefined,
      var: [],
      only: [],
      parallel: undefined,
      'on-error': undefined,
    },
    args: [],
    passthrough: [],
    help: false,
  });
});

test('options are read in all their spellings', () => {
  const { options: values, args } = parse([
    '-fj3',
    '--no-live',
    'file',
    '--name=a=b',
    '--var',
    'a=1',
    '-var',
    'b=2',
    '-var=c=3',
    '--only',
    'x,y',
    '--only=z',
    '--on-error',
    'abort',
  ]);
  assert.deepEqual(values, {
    force: true,
    live: false,
    name: 'a=b',
    var: ['a=1', 'b=2', 'c=3'],
    only: ['x', 'y', 'z'],
    parallel: 3,
    'on-error': 'abort',
  });
  assert.deepEqual(args, ['file']);
});

test('later values win, and a flag can be taken back', () => {
  const { options: values } = parse(['-n', 'a', '-nb', '--force', '--no-force', '--live=false']);
  assert.deepEqual([values.name, values.force, values.live], ['b', false, false]);
});

test('after two dashes nothing is an option', () => {
  assert.deepEqual(parse(['--', '--force']).args, ['--force']);
  const passthrough = { name: 'ARGS', description: 'More.' };
  const { args, passthrough: rest } = parse(['a', '--', '-x', 'b'], { passthrough });
  assert.deepEqual([args, rest], [['a'], ['-x', 'b']]);
});

test('a command may leave all words after its argument alone', () => {
  const more = { optionsEndAfter: 1 };
  assert.deepEqual(parse(['-f', 'web', 'ls', '-l', '--', 'x'], more).args, ['web', 'ls', '-l', '--', 'x']);
  assert.deepEqual(parse(['web', '--', 'ls', '-l'], more).args, ['web', 'ls', '-l']);
});

test('a lone dash is an argument', () => {
  assert.deepEqual(parse(['-']).args, ['-']);
});

test('help is found wherever it stands, and then nothing else is asked for', () => {
  const more = { arguments: [{ name: 'FILE', description: 'A file.', required: true as const }] };
  assert.equal(parse(['--force', '-h'], more).help, true);
});

const refused: readonly (readonly [what: string, words: readonly string[], message: string])[] = [
  [
    'an unknown option',
    ['--forse'],
    'there is no option --forse | did you mean "--force"? (see `kiln try --help`)',
  ],
  ['an unknown letter', ['-fx'], 'there is no option -fx | see `kiln try --help`'],
  [
    'a value for a flag',
    ['--force=maybe'],
    '--force is on or off and takes no value "maybe" | see `kiln try --help`',
  ],
  ['a value for a negated flag', ['--no-live=x'], '--no-live takes no value | see `kiln try --help`'],
  ['a missing value', ['--name'], '--name needs a value: NAME | see `kiln try --help`'],
  [
    'a missing choice',
    ['--on-error', '--'],
    '--on-error needs a value: one of cleanup, abort | see `kiln try --help`',
  ],
  [
    'an unknown choice',
    ['--on-error=abrot'],
    '--on-error cannot be "abrot"; it is one of cleanup, abort | did you mean "abort"? (see `kiln try --help`)',
  ],
  [
    'a number that is none',
    ['-j', 'x'],
    '-j needs a whole number from 1 on, not "x" | see `kiln try --help`',
  ],
  [
    'a number that is too small',
    ['--parallel', '0'],
    '--parallel needs a whole number from 1 on, not "0" | see `kiln try --help`',
  ],
  ['too many arguments', ['a', 'b'], '"b" is one argument too many | see `kiln try --help`'],
  [
    'an option named like a property of every object',
    ['--constructor'],
    'there is no option --constructor | see `kiln try --help`',
  ],
];

for (const [what, words, message] of refused) {
  test(`${what} is refused`, () => assert.equal(refusal(words), `kiln try: ${message}`));
}

test('a line for another program without what separates it is shown as it should be', () => {
  const more = {
    arguments: [{ name: 'MACHINE', description: 'Which.' }],
    passthrough: { name: 'COMMAND', description: 'More.' },
  };
  assert.equal(
    refusal(['web', 'ls', '-la', 'a b'], more),
    'kiln try: "ls" is one argument too many | did you mean `kiln try web -- ls -la \'a b\'`? (see `kiln try --help`)',
  );
  const command = { type: 'text', value: 'LINE', description: 'A line.' } as const;
  assert.equal(
    refusal(['web', 'ls', '-la'], { ...more, options: { ...options, command } }),
    'kiln try: "ls" is one argument too many | did you mean `kiln try web -c \'ls -la\'`? (see `kiln try --help`)',
  );
});

test('a missing argument is named', () => {
  const more = { arguments: [{ name: 'FILE', description: 'The file.', required: true as const }] };
  assert.equal(refusal([], more), 'kiln try: FILE is missing | FILE: The file. (see `kiln try --help`)');
});
