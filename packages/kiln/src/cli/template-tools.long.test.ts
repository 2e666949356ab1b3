import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

const hcl = `variable "name" {
  description = "who is greeted"
  default     = "ann"
}
variable "needed" {}
variable "password" {
  default   = "s3cret"
  sensitive = true
}
locals {
  greeting = "hello \${var.name}"
  secret   = "pw \${var.password}"
}
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = "~> 1"
    }
  }
}
source "null" "a" {
  communicator = "none"
}
build {
  name    = "night"
  sources = ["null.a"]
  provisioner "shell-local" {
    inline = ["echo \${local.greeting}"]
  }
  post-processors {
    post-processor "manifest" {}
    post-processor "checksum" {
      name = "sums"
    }
  }
}
`;

const json =
  '{"variables":{"a":"x","b":null},"builders":[{"type":"null","communicator":"none"},{"type":"null","name":"two"}],"provisioners":[{"type":"shell","inline":["{{user `a`}}"]}],"post-processors":["manifest"]}';

test('fmt formats the files of this folder and names those that change', async (t) => {
  const { kiln, folder } = makeWorkshop(t, {
    'a.pkr.hcl': 'a=1\n',
    'b.pkrvars.hcl': 'b = 1\n',
    'sub/c.pkr.hcl': 'c=1\n',
  });
  const checked = await kiln('fmt', '--check', '--diff', '-r');
  assert.deepEqual(checked, {
    code: 1,
    stdout: [
      'a.pkr.hcl',
      '--- old/a.pkr.hcl',
      '+++ new/a.pkr.hcl',
      '@@ -1 +1 @@',
      '-a=1',
      '+a = 1',
      'sub/c.pkr.hcl',
      '--- old/sub/c.pkr.hcl',
      '+++ new/sub/c.pkr.hcl',
      '@@ -1 +1 @@',
      '-c=1',
      '+c = 1',
      '',
    ].join('\n'),
    stderr: '',
  });
  assert.deepEqual(await kiln('fmt', '--no-write'), { code: 0, stdout: 'a.pkr.hcl\n', stderr: '' });
  assert.deepEqual(await kiln('fmt'), { code: 0, stdout: 'a.pkr.hcl\n', stderr: '' });
  assert.equal(readFileSync(join(folder, 'a.pkr.hcl'), 'utf8'), 'a = 1\n');
  const { stdout } = await kiln('fmt', '--json', '--check');
  assert.deepEqual(JSON.parse(stdout), {
    files: [
      { file: 'a.pkr.hcl', changed: false, diagnostics: [] },
      { file: 'b.pkrvars.hcl', changed: false, diagnostics: [] },
    ],
  });
});

test('fmt leaves files with mistakes alone, and says what is wrong', async (t) => {
  const { kiln } = makeWorkshop(t, { 'a.pkr.hcl': 'a = \n', 't.json': '{}' });
  const { code, stdout, stderr } = await kiln('fmt');
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.match(stderr, /^a\.pkr\.hcl:1:\d+: error: /);
  const other = await kiln('fmt', 't.json');
  assert.equal(other.code, 2);
  assert.match(other.stderr, /^error: t\.json is no file in HCL2 that could be formatted\nhint: /);
});

test('inspect shows what a template consists of, whatever values it lacks', async (t) => {
  const { kiln } = makeWorkshop(t, { 'main.pkr.hcl': hcl, 't.json': json });
  assert.deepEqual(await kiln('inspect'), {
    code: 0,
    stdout: `plugins
  github.com/hashicorp/qemu ~> 1

variables
  name      "ann"          who is greeted
  needed    must be given
  password  <sensitive>

locals
  greeting  "hello ann"
  secret    <sensitive>

build night
  from null.a
  1. shell-local
  → manifest, then sums (checksum)
`,
    stderr: '',
  });
  assert.deepEqual(await kiln('inspect', 't.json'), {
    code: 0,
    stdout: `variables
  a  "x"
  b  must be given

build
  from null
  from null.two
  1. shell
  → manifest
`,
    stderr: '',
  });
});

test('inspect tells programs everything', async (t) => {
  const { kiln } = makeWorkshop(t, { 'main.pkr.hcl': hcl });
  const { stdout } = await kiln('inspect', 'main.pkr.hcl', '--json', '--var', 'needed=1');
  assert.deepEqual(JSON.parse(stdout), {
    file: 'main.pkr.hcl',
    language: 'packer-hcl',
    description: '',
    variables: [
      { name: 'name', description: 'who is greeted', sensitive: false, required: false, value: 'ann' },
      { name: 'needed', description: '', sensitive: false, required: false, value: '1' },
      { name: 'password', description: '', sensitive: true, required: false, value: '<sensitive>' },
    ],
    locals: [
      { name: 'greeting', value: 'hello ann' },
      { name: 'secret', value: '<sensitive>' },
    ],
    sources: [{ type: 'null', name: 'a' }],
    builds: [
      {
        name: 'night',
        description: '',
        sources: ['null.a'],
        provisioners: [{ type: 'shell-local', name: '' }],
        postProcessors: [
          [
            { type: 'manifest', name: '' },
            { type: 'checksum', name: 'sums' },
          ],
        ],
      },
    ],
    plugins: [{ name: 'qemu', source: 'github.com/hashicorp/qemu', version: '~> 1' }],
  });
});

test('inspect refuses what is no Packer template, and broken ones', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': 'kiln: 1\n', 'a.pkr.hcl': 'build {' });
  const { code, stderr } = await kiln('inspect', 'kiln.yaml');
  assert.equal(code, 1);
  assert.equal(
    stderr,
    'error: kiln.yaml is no Packer template\nhint: see `kiln plan` for what another template does\n',
  );
  assert.match((await kiln('inspect', 'a.pkr.hcl')).stderr, /^a\.pkr\.hcl:1:\d+: error: /);
});

test('console works out expressions, for people and for programs', async (t) => {
  const { kiln } = makeWorkshop(t, { 'main.pkr.hcl': hcl, 't.json': json });
  const words = ['console', '.', '--var', 'needed=n'] as const;
  assert.deepEqual(await kiln(...words, '-e', 'local.greeting', '-e', '[var.needed, 1]'), {
    code: 0,
    stdout: 'hello ann\n[\n  "n",\n  1,\n]\n',
    stderr: '',
  });
  assert.equal(
    (await kiln(...words, '--json', '-e', '{ a = [local.greeting] }')).stdout,
    '{"a":["hello ann"]}\n',
  );
  assert.equal((await kiln(...words, '-e', 'local.secret')).stdout, 'pw <sensitive>\n');
  assert.equal((await kiln('console', '-e', 'upper("x")')).stdout, 'X\n', 'without a template, too');
  assert.equal(
    (await kiln('console', 't.json', '--var', 'b=1', '-e', '{{user `a`}}{{user `b`}}')).stdout,
    'x1\n',
  );
});

test('console says what is wrong with an expression, and keeps secrets', async (t) => {
  const { kiln } = makeWorkshop(t, { 'main.pkr.hcl': hcl });
  const words = ['console', '.', '--var', 'needed=n'] as const;
  const wrong = await kiln(...words, '-e', 'local.greting', '-e', '1 + 1');
  assert.equal(wrong.code, 1);
  assert.equal(wrong.stdout, '2\n');
  assert.match(wrong.stderr, /^Error: Unsupported attribute\n/);
  const secret = await kiln(...words, '--json', '-e', 'var.password');
  assert.deepEqual(secret, {
    code: 1,
    stdout: '',
    stderr:
      'error: the value cannot be written as JSON\nhint: it is a secret, or only a running build knows it\n',
  });
});

test('convert turns JSON into HCL2, and says what to look at', async (t) => {
  const { kiln, folder } = makeWorkshop(t, { 't.json': json });
  const { code, stdout, stderr } = await kiln('convert', 't.json', '--to', 'hcl');
  assert.equal(code, 0);
  assert.match(stdout, /^variable "a" \{\n/);
  assert.equal(stderr, '');
  assert.deepEqual(await kiln('convert', 't.json', '--to', 'hcl', '-o', 'out.pkr.hcl'), {
    code: 0,
    stdout: '',
    stderr: '',
  });
  assert.equal(readFileSync(join(folder, 'out.pkr.hcl'), 'utf8'), stdout);
  const again = await kiln('convert', 't.json', '--to', 'hcl', '-o', 'out.pkr.hcl');
  assert.equal(again.code, 1);
  assert.equal(
    again.stderr,
    'error: out.pkr.hcl is there already\nhint: choose another name, or replace it with --force\n',
  );
  assert.equal((await kiln('convert', 't.json', '--to', 'hcl', '-f', '-o', 'out.pkr.hcl')).code, 0);
});

test('convert turns HCL2 into its JSON syntax, which means the same', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'native/main.pkr.hcl': `
variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
locals {
  price  = "$5 \${"x"} $\${kept} %%{kept}"
  number = 0.1
  large  = 123456789012345678901234567890
  flag   = !false
  text   = <<-EOT
    one
      two \${var.names[0]}
  EOT
  loop   = { for name in var.names : upper(name) => "%{if name == "a"}first%{else}\${name}%{endif}" }
  keys   = { a = null, "b c" = 1, (var.names[1]) = true }
}
source "null" "first" {
  communicator = "none"
}
source "null" "second" {
  communicator = "none"
}
build {
  sources = ["null.first", "null.second"]
  provisioner "shell-local" {
    inline = ["echo \${local.price}", local.text]
  }
  provisioner "sleep" {
    duration = "1s"
  }
  provisioner "shell-local" {
    inline = ["echo \${build.ID}"]
  }
}
`,
    'json/.keep': '',
  });
  const made = await kiln('convert', 'native/main.pkr.hcl', '--to', 'json', '-o', 'json/main.pkr.json');
  assert.deepEqual(made, { code: 0, stdout: '', stderr: '' });
  const values = async (path: string) => JSON.parse((await kiln('inspect', path, '--json')).stdout).locals;
  assert.deepEqual(await values('json'), await values('native'));
  const plan = async (path: string) => {
    const { stdout, stderr } = await kiln('plan', path, '--json');
    assert.equal(stderr, '');
    // Places are others in another file.
    return JSON.parse(stdout, (key, value) =>
      key === 'at' || key === 'file' || key === 'range' ? undefined : value,
    );
  };
  assert.deepEqual(await plan('json'), await plan('native'));
});

test('convert refuses what it has no way for', async (t) => {
  const { kiln } = makeWorkshop(t, { 't.json': json, 'kiln.yaml': 'kiln: 1\n' });
  assert.equal((await kiln('convert', 't.json')).code, 2);
  for (const words of [
    ['t.json', '--to', 'json'],
    ['kiln.yaml', '--to', 'hcl'],
  ]) {
    const { code, stderr } = await kiln('convert', ...words);
    assert.equal(code, 1);
    assert.match(stderr, /^error: \S+ cannot be converted with --to \w+\nhint: /);
  }
});
