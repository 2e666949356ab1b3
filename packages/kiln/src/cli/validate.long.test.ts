import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

test('a good kiln.yaml is valid', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'kiln.yaml': 'kiln: 1\nimages: {web: {from: debian/12}}\nmachines: {a: {image: web}, b: {image: web}}\n',
  });
  assert.deepEqual(await kiln('validate'), {
    code: 0,
    stdout: 'kiln.yaml is valid: 1 build (web), 2 machines (a, b)\n',
    stderr: '',
  });
});

test('mistakes are shown with the line they are on', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'kiln.yaml': 'kiln: 1\nimages:\n  web:\n    from: debian/12\n    memroy: 1G\n    cpus: many\n',
  });
  assert.deepEqual(await kiln('validate'), {
    code: 1,
    stdout: '',
    stderr: `kiln.yaml:5:5: error: an image has no field "memroy"
     5 |     memroy: 1G
       |     ^
  hint: did you mean "memory"?
kiln.yaml:6:11: error: cpus: found "many", expected a whole number from 1 to 256
     6 |     cpus: many
       |           ^
2 errors
`,
  });
});

test('programs get the mistakes as JSON', async (t) => {
  const { kiln } = makeWorkshop(t, { 'sub/kiln.yml': 'kiln: 1\nimage: {}\n' });
  const { code, stdout, stderr } = await kiln('validate', 'sub', '--json');
  assert.equal(code, 1);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), {
    valid: false,
    file: 'sub',
    builds: [],
    machines: [],
    diagnostics: [
      {
        severity: 'error',
        message: 'kiln.yaml has no field "image"',
        hint: 'here it is called "images"',
        at: { file: 'sub/kiln.yml', line: 2, column: 1 },
      },
    ],
  });
});

test('variables come from files and from the command line, which is stronger', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'kiln.yaml':
      'kiln: 1\nvariables: {a: {}, b: {}}\nimages: {web: {from: debian/12, steps: [{run: "echo ${a} ${b}"}]}}\n',
    'vars.yaml': 'a: 1\nb: 2\n',
    'more.json': '{"b": 1.10}',
  });
  const { stdout } = await kiln('plan', '--var-file', 'vars.yaml', '--var-file=more.json', '-var', 'a=x=y');
  assert.match(stdout, /1\. run echo x=y 1\.10$/m, 'a number stays as it is written');
});

const missing: readonly (readonly [what: string, args: readonly string[], stderr: string])[] = [
  [
    'a folder without kiln.yaml',
    [],
    'error: there is no kiln.yaml and no Vagrantfile in FOLDER\nhint: name a template, or change into a folder that has one\n',
  ],
  ['a missing file', ['nope.yaml'], 'error: there is no file nope.yaml\n'],
  [
    'a missing variable file',
    ['ok.yaml', '--var-file', 'nope'],
    "error: the variable file nope cannot be read: ENOENT: no such file or directory, open 'FOLDER/nope'\n",
  ],
  [
    'a variable file that is a list',
    ['ok.yaml', '--var-file', 'list.yaml'],
    'error: list.yaml is not a mapping of names to values\nhint: write a line "name: value" for each variable\n',
  ],
  [
    'a variable file with a list in it',
    ['ok.yaml', '--var-file', 'inner.yaml'],
    'error: inner.yaml:2:1: the value of "b" is not a single value\nhint: quote a text that begins with a bracket\n',
  ],
  [
    'a broken variable file',
    ['ok.yaml', '--var-file', 'broken.json'],
    'error: broken.json:1:7: this is no YAML or JSON\nhint: Block collections are not allowed within flow collections\n',
  ],
];

for (const [what, args, stderr] of missing) {
  test(`${what} is said in one line`, async (t) => {
    const { kiln } = makeWorkshop(t, {
      'ok.yaml': 'kiln: 1\n',
      'list.yaml': '[1]',
      'inner.yaml': 'a: 1\nb: [2]\n',
      'broken.json': '{"a": 1 "b": 2}',
    });
    assert.deepEqual(await kiln('validate', ...args), { code: 1, stdout: '', stderr });
  });
}

test('a variable that is not name=value is a mistake of the command line', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': 'kiln: 1\n' });
  const { code, stderr } = await kiln('validate', '--var', 'a');
  assert.deepEqual([code, stderr], [2, 'error: --var a is not name=value\nhint: write --var name=value\n']);
});
