import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../../../plan/step.ts';
import { complaints, readProject } from './testing/projects.ts';

function template(body: string, type = 'shell'): string {
  return `source "null" "a" {
  communicator = "none"
}
build {
  sources = ["null.a"]
  provisioner "${type}" {
${body}
  }
}`;
}

const right: readonly (readonly [
  body: string,
  pick: (step: Step & { kind: 'shell' }) => unknown,
  value: unknown,
])[] = [
  [
    'inline = ["a", 1, true, 2.50]',
    ({ script }) => script,
    { kind: 'inline', lines: ['a', '1', 'true', '2.5'] },
  ],
  [
    'inline = convert(["b", "a"], set(string))',
    ({ script }) => script,
    { kind: 'inline', lines: ['a', 'b'] },
  ],
  ['inline = ["x,y"]', ({ script }) => script, { kind: 'inline', lines: ['x,y'] }],
  ['inline = ["x"]\nbinary = "true"', ({ binary }) => binary, true],
  ['inline = ["x"]\nbinary = "1"', ({ binary }) => binary, true],
  ['inline = ["x"]\nbinary = null', ({ binary }) => binary, false],
  ['inline = ["x"]\nscript = null', ({ script }) => script, { kind: 'inline', lines: ['x'] }],
  ['inline = ["x"]\nvalid_exit_codes = ["0", 2]', ({ validExitCodes }) => validExitCodes, [0, 2]],
  ['inline = ["x"]\nmax_retries = "3"', ({ maxRetries }) => maxRetries, 3],
  ['inline = ["x"]\ntimeout = ""', ({ timeout }) => timeout, 0],
  ['inline = ["x"]\nremote_folder = 5', ({ remoteFolder }) => remoteFolder, '5'],
  [
    'inline = ["x"]\nenv = { A = 1, B = true, C = "c" }',
    ({ environment }) => environment,
    [
      ['A', '1'],
      ['B', 'true'],
      ['C', 'c'],
    ],
  ],
];

test('values become what an option wants, as HCL2 converts them', async (t) => {
  for (const [body, pick, value] of right) {
    const result = await readProject(t, template(body));
    const step = result.plan?.builds[0]?.steps[0];
    assert.ok(step?.kind === 'shell', `${body}\n${complaints(result).join('\n')}`);
    assert.deepEqual(pick(step), value, body);
  }
});

const wrong: readonly (readonly [body: string, complaint: string])[] = [
  ['inline = "x"', '7:10: error: "inline" must be a list, not the text "x" (put it into brackets)'],
  ['inline = ["x", null]', '7:16: error: "inline" must be a text, not null'],
  ['inline = ["x", ["y"]]', '7:16: error: "inline" must be a text, not a list'],
  ['inline = { a = "x" }', '7:10: error: "inline" must be a list, not an object'],
  ['inline = ["x"]\nbinary = "yes"', '8:10: error: "binary" must be true or false, not the text "yes"'],
  ['inline = ["x"]\nbinary = 1', '8:10: error: "binary" must be true or false, not the number 1'],
  [
    'inline = ["x"]\nvalid_exit_codes = 2',
    '8:20: error: "valid_exit_codes" must be a list, not the number 2 (put it into brackets)',
  ],
  [
    'inline = ["x"]\nvalid_exit_codes = [1.5]',
    '8:21: error: "valid_exit_codes" must be a list of whole numbers, not the number 1.5',
  ],
  [
    'inline = ["x"]\nmax_retries = "many"',
    '8:15: error: "max_retries" must be a whole number, not the text "many"',
  ],
  ['inline = ["x"]\nmax_retries = true', '8:15: error: "max_retries" must be a whole number, not true'],
  [
    'inline = ["x"]\npause_before = 5',
    '8:16: error: "pause_before" must be a duration such as "30s" or "1m30s", not the number 5',
  ],
  ['inline = ["x"]\nenv = ["A=1"]', '8:7: error: "env" must be an object, not a list'],
  ['inline = ["x"]\nenv = { A = ["x"] }', '8:13: error: "env" must be an object of texts, not a list'],
  ['inline = ["x"]\nenv {\n A = 1\n}', '8:1: error: "env" is not a block (write env = …)'],
  [
    'inline = ["x"]\nonly = "null.a"',
    `8:8: error: "only" must be a list of sources' names, not the text "null.a"`,
  ],
  ['Inline = ["x"]', '7:1: error: the shell provisioner has no option "Inline" (did you mean "inline"?)'],
  [
    'inline = ["x"]\nremote_flder = "x"',
    '8:1: error: the shell provisioner has no option "remote_flder" (did you mean "remote_folder"?)',
  ],
  [
    'inline = ["x"]\noverride = []',
    `8:12: error: "override" must be an object of sources' names, not a list`,
  ],
  [
    'inline = ["x"]\noverride = { a = "x" }',
    '8:18: error: an override must be an object of options, not the text "x"',
  ],
  [
    'inline = ["x"]\noverride = { a = { inlin = "x" } }',
    '8:20: error: the shell provisioner has no option "inlin" (did you mean "inline"?)',
  ],
];

test('values of a wrong type and unknown options are told', async (t) => {
  for (const [body, complaint] of wrong) {
    const said = complaints(await readProject(t, template(body)));
    assert.ok(said.includes(complaint), `${body}\n${said.join('\n')}`);
  }
});

const qemu = (body: string) => `source "qemu" "a" {
  iso_url      = "x.iso"
  iso_checksum = "none"
  ssh_username = "root"
  ${body}
}
build {
  sources = ["qemu.a"]
}`;

test('what is a block in Packer is a block, and nothing else is', async (t) => {
  const block = await readProject(t, qemu('qemu_img_args {\n    convert = ["-o", "x"]\n  }'));
  assert.ok(block.plan?.builds[0]?.source.kind === 'qemu');
  assert.deepEqual(block.plan.builds[0].source.result.imgArgs.convert, ['-o', 'x']);
  assert.deepEqual(complaints(await readProject(t, qemu('qemu_img_args = { convert = ["x"] }'))), [
    '5:3: error: "qemu_img_args" is a block (write qemu_img_args { … })',
  ]);
  assert.deepEqual(complaints(await readProject(t, qemu('vtpm "x" {}'))), [
    '5:3: error: "vtpm" is not a block (write vtpm = …)',
    '5:8: error: the block "vtpm" has no labels here',
  ]);
  const inJson = {
    source: {
      qemu: {
        a: { iso_url: 'x', iso_checksum: 'none', ssh_username: 'r', qemu_img_args: { convert: ['y'] } },
      },
    },
    build: { sources: ['qemu.a'] },
  };
  const fromJson = await readProject(t, { 'a.pkr.json': JSON.stringify(inJson) });
  assert.ok(fromJson.plan?.builds[0]?.source.kind === 'qemu', complaints(fromJson).join('\n'));
  assert.deepEqual(fromJson.plan.builds[0].source.result.imgArgs.convert, ['y']);
});

test('messages do not quote secrets, not even the beginnings of long ones', async (t) => {
  const secret = 'sEcret-'.repeat(20);
  const variable = 'variable "pw" {\n  sensitive = true\n}\n';
  const bodies = [
    'inline = ["x"]\nmax_retries = var.pw',
    'inline = ["x"]\nmax_retries = "${var.pw}!"',
    'inline = ["{{ nope }} and a longer text before the secret, so that it is cut: ${var.pw}"]',
    'inline = ["x"]\nvalid_exit_codes = [var.pw]',
    'inline = var.pw',
  ];
  for (const body of bodies) {
    const result = await readProject(t, variable + template(body), { variables: { pw: secret } });
    const said = complaints(result).join('\n').replaceAll(secret, '');
    assert.ok(said.length > 0, body);
    assert.doesNotMatch(said, /sEcret/, body);
  }
});
