import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kilnVersion } from '../base/version.ts';
import { loadAllCommands } from './commands/table.ts';
import { cliDocsPage } from './docs-page.ts';
import { makeWorkshop } from './testing.ts';

test('--version says the version and nothing else', async (t) => {
  const { kiln } = makeWorkshop(t);
  assert.deepEqual(await kiln('--version'), { code: 0, stdout: `kiln ${kilnVersion}\n`, stderr: '' });
});

test('the version is answered without loading anything but itself', () => {
  const main = readFileSync(new URL('./main.ts', import.meta.url), 'utf8');
  const imports = main.match(/^import .*$/gm);
  assert.deepEqual(imports, ["import { kilnVersion } from '../base/version.ts';"]);
  assert.doesNotMatch(readFileSync(new URL('../base/version.ts', import.meta.url), 'utf8'), /^import/m);
});

test('an unknown command is refused with the nearest one', async (t) => {
  const { kiln } = makeWorkshop(t);
  assert.deepEqual(await kiln('valdate'), {
    code: 2,
    stdout: '',
    stderr: 'error: kiln: there is no command valdate\nhint: did you mean "validate"? (see `kiln --help`)\n',
  });
});

test('an unknown option is refused with the nearest one', async (t) => {
  const { kiln } = makeWorkshop(t);
  assert.deepEqual(await kiln('build', '--forse'), {
    code: 2,
    stdout: '',
    stderr:
      'error: kiln build: there is no option --forse\nhint: did you mean "--force"? (see `kiln build --help`)\n',
  });
});

test('a command inside a group is found, and a wrong one is refused', async (t) => {
  const { kiln } = makeWorkshop(t);
  const list = await kiln('image', 'list', '--json');
  assert.deepEqual(list, { code: 0, stdout: '[]\n', stderr: '' });
  const wrong = await kiln('image', 'lst');
  assert.equal(wrong.code, 2);
  assert.equal(
    wrong.stderr,
    'error: kiln image: there is no command lst\nhint: did you mean "list"? (see `kiln image --help`)\n',
  );
});

test('without a command the overview is shown, and nothing has succeeded', async (t) => {
  const { kiln } = makeWorkshop(t);
  const { code, stdout, stderr } = await kiln();
  assert.equal(code, 2);
  assert.equal(stdout, '');
  const help = await kiln('--help');
  assert.equal(help.code, 0);
  assert.equal(help.stdout, stderr);
  assert.match(stderr, /^ {2}build +Build the images of a template$/m);
});

test('help of a command has its usage, options and examples', async (t) => {
  const { kiln } = makeWorkshop(t);
  const expected = `Check a template without building anything.

Usage: kiln validate [OPTIONS] [FILE]

Reports every mistake at once, with file, line and column: unknown fields, wrong values, missing files, and what this host cannot do.

Arguments
  FILE  The template: a kiln.yaml, a Packer template in JSON or HCL2, an Azure image template, or a
        folder. Without it, what this folder has.

Options
  --var NAME=VALUE     Set a variable of the template. Stronger than every other way. May be given
                       several times.
  --var-file FILE      Take variables from a file with "name: value" in JSON or YAML, or from a
                       .pkrvars file. Later files are stronger.
  --source-image FILE  For an Azure image template: start from this disk file, image of the store,
                       or release such as debian/12, whatever the template says.
  --syntax-only        Look at the template alone, not at what this host can do.
  --json               Write what was found as JSON.
  -h, --help           Show how to use the command.
  --no-color           Use no colours (the environment variable NO_COLOR does the same).

Examples
  # check ./kiln.yaml
  kiln validate
  # a Packer template
  kiln validate template.json --var version=2
`;
  assert.deepEqual(await kiln('validate', '--help'), { code: 0, stdout: expected, stderr: '' });
  assert.deepEqual(await kiln('help', 'validate'), { code: 0, stdout: expected, stderr: '' });
});

test('every command has examples and says what its options do', async () => {
  for (const command of await loadAllCommands()) {
    for (const one of command.kind === 'group' ? command.commands : [command]) {
      assert.ok(one.kind === 'command');
      assert.ok(one.examples.length > 0, `${one.name} has no example`);
      for (const [name, option] of Object.entries(one.options)) {
        assert.match(option.description, /^[A-Z].*\.$/s, `--${name} of ${one.name}`);
      }
    }
  }
});

test('every command’s work can be loaded', async () => {
  for (const command of await loadAllCommands()) {
    for (const one of command.kind === 'group' ? command.commands : [command]) {
      assert.ok(one.kind === 'command');
      assert.equal(typeof (await one.load()).run, 'function');
    }
  }
});

test('docs/cli.md is current (`node scripts/generate.ts` makes it)', async () => {
  const path = fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url));
  const current = readFileSync(path, 'utf8') === cliDocsPage(await loadAllCommands());
  assert.ok(current, 'run `node scripts/generate.ts` and commit docs/');
});

test('a mistake of Kiln itself is a short message and a report, never a stack on the terminal', async (t) => {
  // A home that is a file makes an action fail in a way that it does not expect.
  const { kiln, home, folder } = makeWorkshop(t, { 'kiln.yaml': 'kiln: 1\n' });
  const { reportError } = await import('./report-error.ts');
  const lines: string[] = [];
  const stream = {
    write: (text: string) => void lines.push(text),
    line: (text = '') => void lines.push(`${text}\n`),
    paint: (_color: string, text: string) => text,
    isTerminal: false,
    raw: process.stderr,
  };
  process.env.KILN_HOME = home;
  t.after(() => delete process.env.KILN_HOME);
  const context = { env: {}, cwd: folder, stdout: stream, stderr: stream };
  const words = ['build', '--var', 'token=hunter2'];
  const code = await reportError(new TypeError('undefined is not hunter2'), context, words);
  assert.equal(code, 1);
  const text = lines.join('');
  assert.match(
    text,
    /^error: Kiln itself made a mistake: undefined is not .*\nhint: please report it; the details are in (.*)\n$/,
  );
  const report = /details are in (.*)\n/.exec(text)![1]!;
  assert.ok(existsSync(report));
  const content = readFileSync(report, 'utf8');
  assert.match(content, /at .*command-line\.test\.ts/);
  assert.doesNotMatch(content, /hunter2/);
  assert.equal((await kiln('validate')).code, 0);
});
