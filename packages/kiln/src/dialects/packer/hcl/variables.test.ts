import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { toPlain, unmarkedDeep } from '@kiln/hcl';
import type { PackerHclInput } from './open-project.ts';
import type { PackerHclProject } from './packer-project.ts';
import { complaints, openProject } from './testing/projects.ts';

function valuesOf(project: PackerHclProject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    project.variables.map(({ name, value }) => [name, toPlain(unmarkedDeep(value).value)]),
  );
}

const ladder = `
variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "d" { default = "default" }
variable "e" { default = "default" }
variable "f" { default = "default" }
`;

test('the strongest of all the ways to give a value wins', async (t) => {
  const files = {
    'main.pkr.hcl': ladder,
    'z.auto.pkrvars.hcl': 'c = "auto z"\nd = "auto z"\ne = "auto z"\nf = "auto z"\n',
    'a.auto.pkrvars.hcl': 'c = "auto a"\nd = "auto a"\n',
    'a.auto.pkrvars.json': '{"d": "auto json", "e": "auto json", "f": "auto json"}',
    'not-automatic.pkrvars.hcl': 'a = "not automatic"',
    'vars/one.pkrvars.json': '{"e": "file 1", "f": "file 1"}',
    'vars/two.pkrvars.hcl': 'e = "file 2"\nf = "file 2"',
  };
  const names = ['b', 'c', 'd', 'e', 'f'];
  const env = Object.fromEntries(names.map((name) => [`PKR_VAR_${name}`, 'environment']));
  const project = await openProject(t, files, {
    env: { ...env, PKR_VAR_unknown: 'x' },
    variableFiles: ['vars/one.pkrvars.json', 'vars/two.pkrvars.hcl'],
    variables: { f: 'argument' },
  });
  assert.deepEqual(complaints(project), []);
  assert.deepEqual(valuesOf(project), {
    a: 'default',
    b: 'environment',
    c: 'auto z',
    d: 'auto json',
    e: 'file 2',
    f: 'argument',
  });
});

test('automatic files count only when the folder is named', async (t) => {
  const files = { 'main.pkr.hcl': 'variable "a" { default = 1 }', 'x.auto.pkrvars.hcl': 'a = 2' };
  assert.deepEqual(valuesOf(await openProject(t, files)), { a: 2 });
  assert.deepEqual(valuesOf(await openProject(t, files, { file: 'main.pkr.hcl' })), { a: 1 });
});

const texts: readonly (readonly [type: string, text: string, value: unknown])[] = [
  ['type = string', '5', '5'],
  ['type = string', '["a"]', '["a"]'],
  ['type = number', '5', 5],
  ['type = bool', 'true', true],
  ['type = any', '["a"]', '["a"]'],
  ['', 'true', 'true'],
  ['default = 1', '5', 5],
  ['default = "x"', '5', '5'],
  ['default = true', 'false', false],
  ['type = list(string)', '["a", 1]', ['a', '1']],
  ['type = list(string)', '[]', []],
  ['type = set(number)', '[2, 1, 2]', [1, 2]],
  ['type = map(string)', '{ a = "b" }', { a: 'b' }],
  ['type = object({ a = string, b = optional(number, 7) })', '{ a = 1 }', { a: '1', b: 7 }],
  ['default = []', 'text', 'text'],
];

test('text from the command line and the environment stands for itself or is an expression, by the type', async (t) => {
  for (const [body, text, value] of texts) {
    const template = `variable "x" {\n${body}\n}`;
    const fromArgument = await openProject(t, template, { variables: { x: text } });
    assert.deepEqual(complaints(fromArgument), [], body);
    assert.deepEqual(valuesOf(fromArgument), { x: value }, body);
    const fromEnvironment = await openProject(t, template, { env: { PKR_VAR_x: text } });
    assert.deepEqual(valuesOf(fromEnvironment), { x: value }, body);
  }
});

const wrongs: readonly (readonly [
  template: string,
  more: Partial<PackerHclInput>,
  complaint: readonly (string | RegExp)[],
])[] = [
  [
    'variable "x" { type = bool }',
    { variables: { x: 'yes' } },
    [
      /^-var x:1:1: error: the value of the variable "x" is not right: .* \(it must be a bool, written as in a template; texts go into double quotes\)$/,
    ],
  ],
  [
    'variable "x" { type = number }',
    { env: { PKR_VAR_x: 'many' } },
    ['PKR_VAR_x:1:1: error: the value of the variable "x" must be a number: a number is required'],
  ],
  [
    'variable "x" { default = 1 }',
    { variables: { y: '1', xx: '2' } },
    [
      '-var xx:1:1: error: the template has no variable "xx" (did you mean "x"?)',
      '-var y:1:1: error: the template has no variable "y" (did you mean "x"?)',
    ],
  ],
  [
    'variable "x" {}\nvariable "y" { default = null }',
    {},
    [
      '1:1: error: the variable "x" has no value (give one with -var x=…, in a variable file, or in PKR_VAR_x)',
    ],
  ],
  [
    'variable "x" { default = 1 }\nvariables { x = 2 }',
    {},
    ['2:13: error: there is a variable "x" already, at t.pkr.hcl:1:1'],
  ],
  [
    'variable "x" {\n type = list(string)\n default = "a"\n}',
    {},
    ["3:12: error: the default does not have the variable's type: a list of string is required"],
  ],
  [
    'variable "1x" { default = 1 }',
    {},
    [
      '1:10: error: "1x" cannot be the name of a variable (a name begins with a letter and goes on with letters, digits, _ and -)',
    ],
  ],
  [
    'variable "x" { default = "${var.y}" }\nvariable "y" { default = 1 }',
    {},
    [
      '1:29: error: the default of a variable is a fixed value and refers to nothing else (it may call env("NAME"); put together other values in "locals")',
    ],
  ],
];

test('what is wrong with a variable is told', async (t) => {
  for (const [template, more, expected] of wrongs) {
    const said = complaints(await openProject(t, template, more));
    assert.equal(said.length, expected.length, said.join('\n'));
    for (const [index, one] of expected.entries()) {
      if (typeof one === 'string') assert.equal(said[index], one);
      else assert.match(said[index]!, one);
    }
  }
});

test('values in files that no variable takes are told when asked for', async (t) => {
  const files = { 'main.pkr.hcl': 'variable "image" { default = 1 }', 'x.auto.pkrvars.hcl': '\nimag = 2' };
  assert.deepEqual(complaints(await openProject(t, files)), []);
  assert.deepEqual(complaints(await openProject(t, files, { warnUndeclared: true })), [
    'x.auto.pkrvars.hcl:2:1: warning: the template has no variable "imag" (did you mean "image"?)',
  ]);
});

test('variable files have values and nothing else', async (t) => {
  const files = {
    'main.pkr.hcl': 'variable "x" { default = 1 }',
    'block.pkrvars.hcl': 'variable "x" { default = 2 }',
    'expression.pkrvars.hcl': 'x = var.y',
    'vars.txt': 'x = 1',
  };
  const said = async (file: string) => complaints(await openProject(t, files, { variableFiles: [file] }));
  assert.deepEqual(await said('block.pkrvars.hcl'), [
    'block.pkrvars.hcl:1:1: error: a variable file gives values and declares no variables (write x = …, and put the block into a .pkr.hcl file)',
  ]);
  assert.match(
    (await said('expression.pkrvars.hcl')).join('\n'),
    /^expression\.pkrvars\.hcl:1:5: error: variables not allowed/,
  );
  assert.deepEqual(await said('vars.txt'), [
    'vars.txt:1:1: error: a variable file is named .pkrvars.hcl or .pkrvars.json (rename it)',
  ]);
  await assert.rejects(said('missing.pkrvars.hcl'), { code: 'file-missing' });
});

const validated = `
variable "size" {
  type = number
  default = 5
  validation {
    condition     = var.size > 3
    error_message = "The size must be above 3."
  }
  validation {
    condition     = var.size < 10
    error_message = "Is it too large?"
  }
}`;

test('values keep the rules of their variables', async (t) => {
  assert.deepEqual(complaints(await openProject(t, validated)), []);
  assert.deepEqual(complaints(await openProject(t, validated, { variables: { size: '20' } })), [
    '-var size:1:1: error: the value of the variable "size" is not allowed: Is it too large? (the rule is at t.pkr.hcl:9:3)',
  ]);
  assert.deepEqual(complaints(await openProject(t, validated.replace('= 5', '= 1'))), [
    '4:13: error: the value of the variable "size" is not allowed: The size must be above 3. (the rule is at t.pkr.hcl:5:3)',
  ]);
});

const rules: readonly (readonly [condition: string, message: string, complaint: RegExp | undefined])[] = [
  ['var.x == 1', '"Good."', undefined],
  ['var.x == 1', '"Gut?"', undefined],
  ['var.x == 1', '"良い!"', undefined],
  ['var.x == 1', '"bad."', /4:17: error: "error_message" must be a whole sentence/],
  ['var.x == 1', '"Bad"', /must be a whole sentence/],
  ['var.x == 1', '""', /must be a whole sentence/],
  ['var.y == 1', '"Good."', /3:13: error: the condition may refer to var.x only/],
  ['true', '"Good."', /3:13: error: the condition must refer to var.x/],
  ['null == var.x ? null : null', '"Good."', /the condition must be true or false, and is null/],
  ['var.x', '"Good."', /the condition must be a bool/],
];

test('rules of variables must make sense', async (t) => {
  for (const [condition, message, complaint] of rules) {
    const template = `variable "x" {\nvalidation {\ncondition = ${condition}\nerror_message = ${message}\n}\ndefault = 1\n}`;
    const said = complaints(await openProject(t, template)).join('\n');
    if (complaint) assert.match(said, complaint, condition);
    else assert.equal(said, '', message);
  }
});

test('what is sensitive is marked and known as a secret, inside of lists and objects too', async (t) => {
  const template = `
variable "plain" { default = "open" }
variable "password" {
  sensitive = true
  default   = "geheim"
}
variable "accounts" {
  sensitive = true
  default   = { root = ["one-secret", 12345], user = { key = "two-secret" } }
}`;
  const project = await openProject(t, template, { variables: { password: 'anders' } });
  assert.deepEqual([...project.secrets].sort(), ['12345', 'anders', 'one-secret', 'two-secret']);
  assert.deepEqual(
    project.variables.map(({ name, sensitive, value }) => [name, sensitive, value.marks.has('sensitive')]),
    [
      ['plain', false, false],
      ['password', true, true],
      ['accounts', true, true],
    ],
  );
});

test('a file of a project that cannot be read is told', async (t) => {
  await assert.rejects(openProject(t, {}, { file: join('no', 'where.pkr.hcl') }), { code: 'file-missing' });
  await assert.rejects(openProject(t, { 'readme.md': '' }), {
    code: 'file-missing',
    message: /has no files that end in/,
  });
});
