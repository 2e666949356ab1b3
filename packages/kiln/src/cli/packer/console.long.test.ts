import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePackerShop } from './testing.ts';

const files = {
  'hcl/main.pkr.hcl': `
variable "name" {
  default = "ann"
}
variable "password" {
  default   = "s3cret"
  sensitive = true
}
locals {
  greeting = "hello \${var.name}, \${var.password}"
}
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["null.a"]
}
`,
  't.json': '{"variables":{"a":"x","b":"{{user `a`}}{{upper `y`}}"},"builders":[]}',
};

test('of the lines that come through a pipe only the last result is printed', async (t) => {
  const { packer } = makePackerShop(t, files);
  const answer = async (args: readonly string[], input: string) => packer(['console', ...args], { input });
  assert.deepEqual(await answer(['hcl'], '1 + 1\nupper(var.name)\n'), {
    code: 0,
    stdout: 'ANN\n',
    stderr: '',
  });
  assert.equal((await answer(['-var', 'name=bob', 'hcl'], 'var.name')).stdout, 'bob\n');
  assert.equal((await answer(['hcl'], 'local.greeting')).stdout, 'hello ann, <sensitive>\n');
  assert.equal((await answer(['hcl'], '{a = [1, "x"]}')).stdout, '{\n  "a" = [\n    1,\n    "x",\n  ]\n}\n');
  assert.equal((await answer(['hcl'], 'var.name\nexit\n1')).stdout, 'ann\n');
  assert.equal((await answer(['hcl'], '')).stdout, '\n');
});

test('of the lines of a file every result is printed', async (t) => {
  const { packer } = makePackerShop(t, { ...files, lines: '1 + 1\nupper(var.name)\n' });
  const { code, stdout } = await packer(['console', 'hcl'], { inputFile: 'lines' });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '2\nANN\n' });
});

test('texts are rendered with the variables of a template in JSON', async (t) => {
  const { packer } = makePackerShop(t, files);
  const run = (input: string, ...args: readonly string[]) => packer(['console', ...args], { input });
  assert.equal((await run('{{user `b`}}!', 't.json')).stdout, 'xY!\n');
  assert.equal((await run('variables', '-var', 'a=z', 't.json')).stdout, 'a: z\nb: zY\n\n');
  assert.equal((await run('{{lower `ABC`}}')).stdout, 'abc\n', 'without a template, too');
});

test('HCL2 can be tried out without a template', async (t) => {
  const { packer } = makePackerShop(t);
  const { stdout } = await packer(['console', '-config-type=hcl2'], { input: 'join("-", ["a", "b"])' });
  assert.equal(stdout, 'a-b\n');
});

test('a wrong line is told, ends with 1, and keeps no other from its result', async (t) => {
  const { packer } = makePackerShop(t, files);
  const { code, stdout } = await packer(['console', 'hcl'], { input: 'var.nme\nvar.name\n' });
  assert.equal(code, 1);
  assert.match(stdout, /^Error: Unsupported attribute\n\n {2}on <console-input> line 1:\n/);
  assert.match(stdout, /\nann\n$/);
});

test('all values are listed', async (t) => {
  const { packer } = makePackerShop(t, files);
  const { stdout } = await packer(['console', 'hcl'], { input: 'variables' });
  assert.equal(
    stdout,
    `> input-variables:

var.name: "ann"
var.password: "<sensitive>"

> local-variables:

local.greeting: "hello ann, <sensitive>"

`,
  );
});
