import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePackerShop } from './testing.ts';

const json = JSON.stringify({
  description: 'what it is',
  variables: { second: 'v{{env `HOME`}}', needed: null, password: 'x' },
  'sensitive-variables': ['password'],
  builders: [
    { type: 'null', name: 'z', communicator: 'none' },
    { type: 'other', name: 'long' },
    { type: 'null' },
  ],
  provisioners: [{ type: 'shell' }, { type: 'mystery' }],
  min_packer_version: '9.0.0',
});

test('a template in JSON is told in its parts', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': json });
  assert.deepEqual(await packer(['inspect', 't.json']), {
    code: 0,
    stdout: `Packer Inspect: JSON mode
Description:

what it is

Required variables:

  needed

Optional variables and their defaults:

  password = <sensitive>
  second   = v{{env \`HOME\`}}

Builders:

  long (other)
  null
  z    (null)

Provisioners:

  shell
  mystery

Note: names with variables or functions in them are shown as they are written;
they get their values when the template is built.
`,
    stderr: '',
  });
});

test('programs get a row for each part of a template in JSON', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': json });
  const { stdout } = await packer(['inspect', '-machine-readable', 't.json']);
  assert.deepEqual(
    stdout.split('\n').filter((row) => /^TIME,,template-/.test(row)),
    [
      'TIME,,template-variable,needed,,1',
      'TIME,,template-variable,password,<sensitive>,0',
      'TIME,,template-variable,second,v{{env `HOME`}},0',
      'TIME,,template-builder,long,other',
      'TIME,,template-builder,null,null',
      'TIME,,template-builder,z,null',
      'TIME,,template-provisioner,shell',
      'TIME,,template-provisioner,mystery',
    ],
  );
});

test('a template in HCL2 is told in its parts, whatever values it lacks', async (t) => {
  const { packer } = makePackerShop(t, {
    'main.pkr.hcl': `
variable "needed" {}
variable "list" {
  default = ["a", 1]
}
variable "password" {
  default   = "s3cret"
  sensitive = true
}
locals {
  greeting = "pw \${var.password}"
}
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["null.a"]
}
build {
  name        = "second"
  description = "more"
  sources     = ["null.a"]
  provisioner "shell-local" {
    name   = "named"
    inline = ["x"]
  }
  provisioner "unknown" {}
  post-processor "manifest" {}
  post-processors {
    post-processor "checksum" {
      name = "sums"
    }
    post-processor "compress" {}
  }
}`,
  });
  assert.deepEqual(await packer(['inspect', '.']), {
    code: 0,
    stdout: `Packer Inspect: HCL2 mode

> input-variables:

var.list: "[\\n  \\"a\\",\\n  1,\\n]"
var.needed: "<unknown>"
var.password: "<sensitive>"

> local-variables:

local.greeting: "pw <sensitive>"

> builds:

  > <unnamed build 0>:

    sources:

      null.a

    provisioners:

      <no provisioner>

    post-processors:

      <no post-processor>

  > second:

  > Description: more

    sources:

      null.a

    provisioners:

      shell-local.named
      unknown

    post-processors:

      0:
        manifest

      1:
        checksum.sums
        compress

`,
    stderr: '',
  });
});

test('a template that cannot be read is refused', async (t) => {
  const { packer } = makePackerShop(t, { 'a.pkr.hcl': 'build {', 'b.json': '{"builders":' });
  for (const file of ['a.pkr.hcl', 'b.json']) {
    const { code, stdout } = await packer(['inspect', file]);
    assert.equal(code, 1, file);
    assert.match(stdout, /^Error: /);
  }
});
