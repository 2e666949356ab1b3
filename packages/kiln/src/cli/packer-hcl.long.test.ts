import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

const template = `
variable "greeting" {
  default = "hi"
}
source "null" "a" {
  communicator = "none"
}
source "file" "b" {
  target  = "b.txt"
  content = var.greeting
}
build {
  name    = "night"
  sources = ["null.a", "file.b"]
  provisioner "shell-local" {
    inline = ["echo '\${var.greeting} \${source.name} \${upper(build.ID)}' > $PACKER_BUILD_NAME.log"]
  }
  post-processor "manifest" {
    only       = ["file.b"]
    strip_time = true
  }
}`;

test('a template in HCL2 is checked, shown and built, by its file or its folder', async (t) => {
  const shop = makeWorkshop(t, {
    'sub/main.pkr.hcl': template,
    'sub/x.auto.pkrvars.hcl': 'greeting = "hello"\n',
  });
  const checked = await shop.kiln('validate', 'sub');
  assert.deepEqual(checked, {
    code: 0,
    stdout: 'sub is valid: 2 builds (night.null.a, night.file.b), no machines\n',
    stderr: '',
  });
  const planned = await shop.kiln('plan', 'sub', '--only', '*.null.*');
  assert.equal(
    planned.stdout,
    [
      'build night.null.a (null)',
      '  on a machine that is there already',
      "  1. run on this host echo 'hello a ${upper(build.ID)}' > $PACKER_BUILD_NAME.log",
      '',
    ].join('\n'),
  );
  const built = await shop.kiln('build', 'sub/main.pkr.hcl', '--var', 'greeting=hey', '--parallel', '1');
  assert.equal(built.code, 0, built.stderr);
  const read = (name: string) => readFileSync(join(shop.folder, name), 'utf8');
  assert.equal(read('a.log'), 'hey a NULL\n');
  assert.equal(read('b.log'), 'hey b FILE\n');
  assert.equal(read('b.txt'), 'hey');
  assert.equal(JSON.parse(read('packer-manifest.json')).builds[0].name, 'b');
});

test('a folder with nothing but a template in HCL2 needs no name', async (t) => {
  const shop = makeWorkshop(t, { 'main.pkr.hcl': template });
  assert.match((await shop.kiln('validate')).stdout, /^\. is valid: 2 builds/);
});

test('all mistakes are shown with their lines', async (t) => {
  const shop = makeWorkshop(t, {
    'main.pkr.hcl': template.replace('strip_time', 'strip_tim').replace('sources =', 'source  ='),
  });
  const { code, stderr } = await shop.kiln('validate', 'main.pkr.hcl');
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `main.pkr.hcl:12:1: error: the build names no source
    12 | build {
       | ^
  hint: write sources = ["source.TYPE.NAME"]
main.pkr.hcl:14:3: error: unsupported argument: there is no argument "source" here. To write a block "source", leave out the equals sign
    14 |   source  = ["null.a", "file.b"]
       |   ^
2 errors
`,
  );
});

/** Every byte of the files below a folder. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

const secrets = {
  password: 'gEheIm-"1"',
  token: 'tOkEn-in-a-list',
  pin: '738291',
};

const secretive = `
variable "password" {
  type      = string
  sensitive = true
}
variable "accounts" {
  type      = map(list(string))
  sensitive = true
}
variable "pin" {
  type      = number
  sensitive = true
  validation {
    condition     = var.pin > 1000
    error_message = "The pin must be longer."
  }
}
local "pair" {
  expression = "\${var.password}:\${var.pin}"
  sensitive  = true
}
locals {
  encoded = base64encode(var.password)
  json    = jsonencode({ password = var.password, accounts = var.accounts })
  digest  = sha256(local.pair)
}
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["null.a"]
  provisioner "shell-local" {
    name   = "tell \${var.accounts["root"][0]}"
    inline = [
      "set -x",
      "echo '\${var.password}' '\${local.pair}' \${local.encoded} \${local.digest} \${var.pin}",
      "echo '\${local.json}' '\${urlencode(var.password)}'",
      "echo '\${base64encode("\${var.password}/\${build.ID}")}' '\${upper(join("-", [build.ID, var.password]))}'",
      "echo $TOKEN >&2",
    ]
    environment_vars = ["TOKEN=\${var.accounts["root"][0]}"]
  }
  provisioner "shell-local" {
    inline = ["echo '\${local.encoded}'; exit 3"]
    only   = ["null.fails"]
  }
  source "null.a" {
    name = "fails"
  }
  post-processor "manifest" {
    custom_data = { what = "nothing secret" }
  }
}`;

test('no byte of what Kiln writes is a secret of the template', async (t) => {
  const values = `password = ${JSON.stringify(secrets.password)}
accounts = { root = [${JSON.stringify(secrets.token)}] }
pin      = ${secrets.pin}
`;
  const shop = makeWorkshop(t, { 'secret.pkr.hcl': secretive, 'made/.keep': '' });
  const { writeFileSync } = await import('node:fs');
  const file = join(shop.folder, '..', 'values.pkrvars.hcl');
  writeFileSync(file, values);
  const words = ['secret.pkr.hcl', '--var-file', file];
  const wrong = [
    ['validate', 'secret.pkr.hcl', '--var-file', file, '--var', `pin=${secrets.token}`],
    ['validate', 'secret.pkr.hcl', '--var-file', file, '--var', 'pin=999'],
    ['validate', 'secret.pkr.hcl', '--var-file', file, '--var', `accounts=${secrets.password}`],
  ];
  const packer = [`-var-file=${file}`, 'secret.pkr.hcl'];
  // Those that write nothing into the folder may run beside each other.
  const checks = [
    ['validate', ...words],
    ['plan', ...words],
    ['validate', ...words, '--json'],
    ['plan', ...words, '--json'],
    ['packer', 'validate', ...packer],
    ['packer', 'inspect', ...packer],
    ...wrong,
  ];
  const results = await Promise.all(checks.map((args) => shop.kiln(...args)));
  const built = await shop.kiln('build', ...words);
  results.push(
    built,
    await shop.kiln('build', ...words, '--json'),
    await shop.kiln('packer', 'build', ...packer),
  );
  assert.deepEqual(
    results.map(({ code }) => code),
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
    results.map(({ stderr }) => stderr).join('\n'),
  );

  const { password, token, pin } = secrets;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const { createHash } = await import('node:crypto');
  const forbidden = [
    password,
    JSON.stringify(password).slice(1, -1),
    token,
    pin,
    base64(password),
    createHash('sha256').update(`${password}:${pin}`).digest('hex'),
    encodeURIComponent(password),
    base64(`${password}/Null`),
    `NULL-${password}`.toUpperCase(),
  ];
  const written = results.map(({ stdout, stderr }) => `${stdout}\n${stderr}`);
  const all = [...written, everything(shop.folder), everything(shop.home)];
  for (const secret of forbidden) {
    for (const text of all) {
      assert.ok(
        !text.includes(secret),
        `${secret} in ${text.slice(Math.max(0, text.indexOf(secret) - 300)).slice(0, 600)}`,
      );
    }
  }
  // What was run is there, but for its secrets.
  assert.match(built.stderr, /\+ echo <sensitive>/);
});
