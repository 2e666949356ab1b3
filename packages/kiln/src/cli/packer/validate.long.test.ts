import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePackerShop } from './testing.ts';

const hcl = `
variable "needed" {}
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["null.a"]
}
`;

test('a right template is called valid, in both languages', async (t) => {
  const { packer } = makePackerShop(t, {
    't.json': '{"builders":[{"type":"null","communicator":"none"}]}',
    'hcl/main.pkr.hcl': hcl,
  });
  const valid = { code: 0, stdout: 'The configuration is valid.\n', stderr: '' };
  assert.deepEqual(await packer(['validate', 't.json']), valid);
  assert.deepEqual(await packer(['validate', '-var', 'needed=1', 'hcl']), valid);
  assert.deepEqual(await packer(['validate', 'hcl'], { env: { PKR_VAR_needed: '1' } }), valid);
});

test('the syntax alone may be looked at: values and components do not matter then', async (t) => {
  const { packer } = makePackerShop(t, {
    't.json': '{"variables":{"a":null},"builders":[{"type":"nothing"}]}',
    'main.pkr.hcl': hcl,
    'broken.json': '{"builders":[{}]}',
    'broken.pkr.hcl': 'biuld {\n}\n',
  });
  const passed = { code: 0, stdout: 'Syntax-only check passed. Everything looks okay.\n', stderr: '' };
  assert.deepEqual(await packer(['validate', '-syntax-only', 't.json']), passed);
  assert.deepEqual(await packer(['validate', '-syntax-only', 'main.pkr.hcl']), passed);
  assert.equal((await packer(['validate', 't.json'])).code, 1);
  assert.equal((await packer(['validate', 'main.pkr.hcl'])).code, 1);
  assert.deepEqual(await packer(['validate', '-syntax-only', 'broken.json']), {
    code: 1,
    stdout: `Error: the builder has no "type"

  on broken.json line 1, column 14:
   1: {"builders":[{}]}
                   ^

`,
    stderr: '',
  });
  assert.deepEqual(await packer(['validate', '-syntax-only', 'broken.pkr.hcl']), {
    code: 1,
    stdout: `Error: unsupported block type: there are no blocks "biuld" here

  on broken.pkr.hcl line 1, column 1:
   1: biuld {
      ^

did you mean "build"?

`,
    stderr: '',
  });
});

test('a value in a file for a variable that is not declared is worth a warning, unless nobody wants it', async (t) => {
  const { packer } = makePackerShop(t, { 'main.pkr.hcl': hcl, 'v.pkrvars.hcl': 'needed = 1\nnedeed = 2\n' });
  const words = ['-var-file=v.pkrvars.hcl', 'main.pkr.hcl'];
  const warned = await packer(['validate', ...words]);
  assert.equal(warned.code, 0);
  assert.equal(
    warned.stdout,
    `Warning: the template has no variable "nedeed"

  on v.pkrvars.hcl line 2, column 1:
   2: nedeed = 2
      ^

did you mean "needed"?

The configuration is valid.
`,
  );
  const silent = await packer(['validate', '-no-warn-undeclared-var', ...words]);
  assert.equal(silent.stdout, 'The configuration is valid.\n');
  const build = await packer(['build', '-color=false', ...words]);
  assert.doesNotMatch(build.stdout, /Warning/);
  const asked = await packer(['build', '-color=false', '-warn-on-undeclared-var', ...words]);
  assert.match(asked.stdout, /^Warning: the template has no variable "nedeed"\n/);
});

test('what this host lacks makes a template no less valid', async (t) => {
  const builder = {
    type: 'qemu',
    qemu_binary: 'no-such-qemu',
    iso_url: 'x.iso',
    iso_checksum: 'none',
    ssh_username: 'a',
    ssh_password: 'b',
  };
  const { packer } = makePackerShop(t, { 't.json': JSON.stringify({ builders: [builder] }), 'x.iso': '' });
  const { code, stdout } = await packer(['validate', 't.json']);
  assert.equal(code, 0);
  assert.match(stdout, /^Warning: build "qemu": the program "no-such-qemu".* is not installed/);
  assert.match(stdout, /\n\nThe configuration is valid\.\n$/);
});
