import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makePackerShop, missingPacker, type PackerResult, type PackerShop } from './testing.ts';

/**
 * Kiln as `packer` beside Packer itself, on the same files. The peer is Packer 1.6.6, the last one of Debian: where
 * newer ones are different by its own words, the comparison evens that out and says so.
 */
const skip = missingPacker();

const builds = JSON.stringify({
  variables: { a: 'x', needed: null, password: 's3cret' },
  'sensitive-variables': ['password'],
  builders: [
    { type: 'null', communicator: 'none' },
    { type: 'file', content: 'hi, there', target: 'out.txt' },
  ],
  provisioners: [
    {
      type: 'shell-local',
      only: ['null'],
      inline: ['echo "out {{user `password`}}"; sleep 0.5; echo problem >&2'],
    },
  ],
});

const failing = JSON.stringify({
  builders: [
    { type: 'null', communicator: 'none' },
    { type: 'file', content: 'x', target: 'out.txt' },
  ],
  provisioners: [{ type: 'shell-local', only: ['null'], inline: ['exit 3'] }],
});

async function both(shop: PackerShop, args: readonly string[], input?: string) {
  const options = input === undefined ? {} : { input };
  const [kiln, peer] = await Promise.all([shop.packer(args, options), shop.real(args, options)]);
  return { kiln, peer };
}

/** Codes are the same, and both say something only where the other does. */
async function sameCode(shop: PackerShop, args: readonly string[]): Promise<void> {
  const { kiln, peer } = await both(shop, args);
  assert.equal(kiln.code, peer.code, `${args.join(' ')}\n${kiln.stdout}\n---\n${peer.stdout}`);
  assert.equal(kiln.stderr, '');
}

function compare(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, { skip: skip ?? false }, run);
}

compare('command lines end with the same codes', async (t) => {
  const shop = makePackerShop(t, {
    't.json': builds,
    'failing.json': failing,
    'broken.json': '{"builders":[',
    'good.pkr.hcl': 'a = 1\n',
    'bad.pkr.hcl': 'a=1\n',
  });
  for (const line of [
    '',
    '-h',
    'nonsense',
    'help',
    'build',
    'build -h',
    'build -foo t.json',
    'build -color=maybe t.json',
    'build -var t.json',
    'build -on-error=zzz t.json',
    'build -parallel-builds=x t.json',
    'build t.json -force',
    'build none.json',
    'build t.json',
    'build -var needed=1 t.json',
    'build failing.json',
    'build -only=file failing.json',
    'build broken.json',
    'validate',
    'validate t.json',
    'validate -syntax-only t.json',
    'validate -var needed=1 t.json',
    'validate broken.json',
    'inspect t.json',
    'inspect broken.json',
    'fix',
    'fix none.json',
    'fix -validate=false t.json',
    'fmt -check good.pkr.hcl',
    'fmt -check bad.pkr.hcl',
    'fmt t.json',
    'fmt none',
    'fmt -write=false bad.pkr.hcl',
    'version',
  ]) {
    await sameCode(shop, line === '' ? [] : line.split(' '));
  }
});

/** Lines of one build that mean the same to whoever reads them; what components say in their own words is left out. */
function shape({ stdout }: PackerResult): string[] {
  return (
    stdout
      .split('\n')
      .filter((line) => !/^ {4}(?:log: |\S+ line \d)/.test(line))
      .map((line) => line.replaceAll('\x1b', '^'))
      // Since 1.13 all lines of builds begin with an arrow; before, those of scripts were indented and not bold.
      .map((line) =>
        line.replace(/^(\^\[)0(;\d+m) {4}(?=\S+:)/, '$11$2==> ').replace(/^ {4}(?=\S+: )/, '==> '),
      )
      .filter((line) => !/==> \S+: (?:Running |Provisioning |step )/.test(line))
      .map((line) => line.replace(/errored after AWHILE: .*?(\^\[0m)?$/, 'errored after AWHILE: …$1'))
      .map((line) => line.replace(/^--> (\S+): (?!Did not|Stored).*/, '--> $1: …'))
      .filter((line) => !/^ {4}(?:log: |\S+ line \d)/.test(line))
  );
}

compare('the lines of a build are the same but for what components say', async (t) => {
  const shop = makePackerShop(t, { 't.json': builds, 'failing.json': failing });
  for (const args of [
    ['-only=null', '-var', 'needed=1', 't.json'],
    ['-only=file', '-var', 'needed=1', 't.json'],
    ['-color=false', '-only=null', '-var', 'needed=1', 't.json'],
    ['-color=false', '-only=null', 'failing.json'],
    ['-only=null', 'failing.json'],
  ]) {
    const { kiln, peer } = await both(shop, ['build', ...args]);
    assert.deepEqual(shape(kiln), shape(peer), args.join(' '));
  }
});

/** Rows for programs without those that only repeat what people read. */
function rows({ stdout }: PackerResult): string[] {
  return stdout
    .split('\n')
    .filter((row) => !/^TIME,,ui,(?:say|message|error),/.test(row))
    .map((row) => row.replace(/^(TIME,\w+,error,).*/, '$1…'));
}

compare('programs get the same rows', async (t) => {
  const shop = makePackerShop(t, { 't.json': builds, 'failing.json': failing });
  for (const args of [
    ['build', '-only=null', '-var', 'needed=1', 't.json'],
    ['build', '-only=file', '-var', 'needed=1', 't.json'],
    ['build', '-only=null', 'failing.json'],
    ['inspect', 't.json'],
  ]) {
    const { kiln, peer } = await both(shop, ['-machine-readable', ...args]);
    // The peer lists an artifact again for each post-processor that hands it on.
    assert.deepEqual(rows(kiln), rows(peer), args.join(' '));
  }
});

compare('a template in JSON is inspected alike', async (t) => {
  const shop = makePackerShop(t, { 't.json': builds, 'least.json': '{"builders":[{"type":"null"}]}' });
  for (const file of ['t.json', 'least.json']) {
    const { kiln, peer } = await both(shop, ['inspect', file]);
    const report = ({ stdout }: PackerResult) => stdout.slice(0, stdout.indexOf('\nNote: '));
    assert.equal(report(kiln), report(peer));
  }
});

compare('a template in HCL2 is inspected alike', async (t) => {
  const shop = makePackerShop(t, {
    'main.pkr.hcl': `
variable "text" {
  default = "a\\"b\\n"
}
variable "list" {
  default = ["a", 1.5, { b = true }]
}
locals {
  both = "\${var.text}\${var.list[1]}"
}
source "null" "a" {
  communicator = "none"
}
build {
  name        = "night"
  description = "of the day"
  sources     = ["null.a"]
  provisioner "shell-local" {
    name   = "named"
    inline = ["x"]
  }
  post-processor "manifest" {}
  post-processors {
    post-processor "checksum" {
      name = "sums"
    }
    post-processor "manifest" {}
  }
}
`,
  });
  const { kiln, peer } = await both(shop, ['inspect', '.']);
  assert.equal(kiln.stdout, peer.stdout);
});

compare('expressions and texts have the same values', async (t) => {
  const shop = makePackerShop(t, {
    't.json':
      '{"variables":{"a":"x","b":"{{user `a`}}y"},"builders":[{"type":"null","communicator":"none"}]}',
    'main.pkr.hcl': 'variable "a" {\n  default = ["x", 1]\n}\n',
  });
  for (const [file, input] of [
    ['.', 'var.a'],
    ['.', '1 / 3'],
    ['.', '{ b = var.a, c = null, d = {} }'],
    ['.', 'upper(var.a[0])\nlower("B")\n'],
    ['t.json', '{{user `b`}} {{upper `c`}} {{split `a-b` `-` 1}}'],
  ] as const) {
    const { kiln, peer } = await both(shop, ['console', file], input);
    assert.deepEqual(kiln, peer, input);
  }
});

compare('files are formatted alike, and differences shown alike', async (t) => {
  const text = 'locals {\na=1\nlonger = [1,2]\n}\n';
  const shop = makePackerShop(t, { 'a.pkr.hcl': text, 'v.pkrvars.hcl': 'b=2\n', 'other.hcl': 'c=3\n' });
  for (const args of [
    ['fmt', '-check', '.'],
    ['fmt', '-check', '-diff', '.'],
    ['fmt', '-write=false', '-diff', 'a.pkr.hcl'],
  ]) {
    const { kiln, peer } = await both(shop, args);
    assert.deepEqual(kiln, peer, args.join(' '));
  }
});

compare('what Kiln makes of a template in JSON, Packer takes for the same', async (t) => {
  const template = {
    variables: { a: 'x', b: '{{user `a`}}-{{isotime `2006`}}', home: '{{env `HOME`}}', c: '{{user `b`}}!' },
    builders: [
      { type: 'file', name: 'one', content: '{{user `c`}} {{build_type}}', target: 'one.txt' },
      { type: 'null', communicator: 'none' },
    ],
    provisioners: [
      {
        type: 'shell-local',
        inline: ['echo "{{user `c`}} {{user `home`}}" > {{user `a`}}.txt'],
        only: ['null'],
      },
    ],
    'post-processors': [['manifest', { type: 'checksum', checksum_types: ['md5'], only: ['one'] }]],
  };
  const shop = makePackerShop(t, { 't.json': JSON.stringify(template) });
  const upgraded = await shop.packer(['hcl2_upgrade', 't.json']);
  assert.deepEqual(upgraded, { code: 0, stdout: 'Successfully created t.json.pkr.hcl\n', stderr: '' });
  const made = async (run: PackerShop['packer'], file: string) => {
    const { code, stdout } = await run(['build', '-color=false', file]);
    assert.equal(code, 0, stdout);
    return { one: shop.read('one.txt'), script: shop.read('x.txt') };
  };
  const expected = await made(shop.real, 't.json');
  assert.deepEqual(await made(shop.real, 't.json.pkr.hcl'), expected, 'Packer builds the new one');
  assert.deepEqual(await made(shop.packer, 't.json.pkr.hcl'), expected, 'Kiln builds the new one');
  assert.deepEqual(await made(shop.packer, 't.json'), expected, 'Kiln builds the old one');
});
