import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../testing.ts';
import { idleKeys, refusedKeys } from './other-keys.ts';

const cc = (text: string) => `#cloud-config\n${text}`;

for (const key of Object.keys(refusedKeys)) {
  test(`cloud-config with ${key} is refused with the reason and what to do`, (t) => {
    const { profile, diagnostics } = read(t, cc(`packages: [nginx]\n${key}: {a: [b]}\n`));
    assert.equal(profile, undefined);
    const [only, ...others] = diagnostics;
    assert.deepEqual(others, []);
    assert.deepEqual([only?.severity, only?.at.line, only?.at.column], ['error', 3, 1]);
    assert.match(only?.message ?? '', new RegExp(`^${key} cannot be honoured: .{10}`));
    assert.ok((only?.hint ?? '').length > 5);
  });
}

test('what is about the work of cloud-init itself changes nothing, which is told', (t) => {
  const keys = Object.keys(idleKeys);
  const { profile, diagnostics } = read(t, cc(keys.map((key) => `${key}: x\n`).join('')));
  assert.ok(profile);
  assert.deepEqual(
    diagnostics.map(({ severity, at, message }) => [severity, at.line, message.split(' ')[0]]),
    keys.map((key, index) => ['warning', index + 2, key]),
  );
});

const wrong: readonly (readonly [what: string, text: string, ...messages: readonly string[]])[] = [
  [
    'an unknown key',
    'pakages: [a]\n',
    '2:1: error: cloud-config has no field "pakages" (did you mean "packages"?)',
  ],
  [
    'a key of a profile',
    'files: {}\n',
    '2:1: error: cloud-config has no field "files" (here it is called "write_files")',
  ],
  ['a field of another type', 'runcmd: echo\n', '2:9: error: runcmd: found "echo", expected a list'],
  ['an unknown field of a user', 'users: [{name: a, key: b}]\n', '2:19: error: a user has no field "key"'],
  [
    'an expiry date',
    'users: [{name: a, expiredate: "2032-09-01"}]\n',
    '2:31: error: expiredate of the user a cannot be honoured',
  ],
  [
    'keys from an account',
    'users: [{name: a, ssh_import_id: [gh:a]}]\n',
    '2:34: error: ssh_import_id of the user a cannot be honoured',
  ],
  ['a bad key', 'ssh_authorized_keys: [hello]\n', '2:23: error: "hello" is not a public SSH key'],
  ['a path with ..', 'write_files: [{path: /a/../b}]\n', '2:22: error: path: "/a/../b" has ".." in it'],
  [
    'a decimal mode',
    'write_files: [{path: /a, permissions: 644}]\n',
    '2:39: error: permissions: 644 is a number in decimal digits',
  ],
  [
    'an unknown encoding',
    'write_files: [{path: /a, encoding: rot13}]\n',
    '2:36: error: there is no encoding "rot13"',
  ],
  [
    'content that is not base64',
    'write_files: [{path: /a, encoding: b64, content: "%"}]\n',
    '2:50: error: the content of /a is not base64',
  ],
  [
    'content that is not packed',
    'write_files: [{path: /a, encoding: gz+b64, content: aGk=}]\n',
    '2:53: error: the content of /a cannot be unpacked',
  ],
  [
    'content from elsewhere',
    'write_files: [{path: /a, source: {uri: "https://x"}}]\n',
    '2:34: error: source cannot be honoured',
  ],
  [
    'content as binary',
    'write_files: [{path: /a, content: !!binary aGk=}]\n',
    '2:44: error: content: found bytes ("!!binary")',
  ],
  [
    'a call of cloud-init',
    'bootcmd: [[cloud-init-per, once, a, b]]\n',
    '2:11: error: bootcmd calls cloud-init',
  ],
  [
    'a personal archive',
    'apt: {sources: {x: {source: "ppa:a/b"}}}\n',
    '2:29: error: "ppa:a/b" is a name for add-apt-repository',
  ],
  [
    'a key from a server',
    'apt: {sources: {x: {source: deb https://x y z, keyid: ABCD}}}\n',
    '2:55: error: the key of the repository x would be fetched',
  ],
  [
    'a release that is not known',
    'apt: {sources: {x: {source: deb https://x $RELEASE z}}}\n',
    '2:29: error: $RELEASE is not known',
  ],
  [
    'other mirrors',
    'apt: {primary: [{arches: [default], uri: "http://x"}]}\n',
    '2:16: error: primary cannot be honoured',
  ],
  [
    'a restart',
    'package_reboot_if_required: true\n',
    '2:29: error: package_reboot_if_required cannot be honoured',
  ],
  ['snaps', 'packages: [{snap: [lxd]}]\n', '2:19: error: snaps cannot be installed'],
  ['swap of any size', 'swap: {size: auto}\n', '2:14: error: size: "auto" depends on the memory'],
  ['a device of a cloud', 'mounts: [[ephemeral0, /mnt]]\n', '2:10: error: "ephemeral0" cannot be mounted'],
  ['another clock', 'ntp: {ntp_client: chrony}\n', '2:19: error: ntp_client cannot be honoured'],
  ['no host keys', 'ssh_deletekeys: false\n', '2:17: error: ssh_deletekeys cannot be honoured'],
  ['a partition that does not grow', 'growpart: {mode: "off"}\n', '2:18: error: mode cannot be honoured'],
  ['hosts without a name', 'manage_etc_hosts: true\n', '2:19: error: manage_etc_hosts cannot be honoured'],
  [
    'no authorities',
    'ca_certs: {remove_defaults: true}\n',
    '2:29: error: remove_defaults cannot be honoured',
  ],
];

for (const [what, text, ...messages] of wrong) {
  test(`cloud-config with ${what} is refused, with its place and what to do`, (t) => {
    const { profile, messages: found, diagnostics } = read(t, cc(text));
    assert.equal(profile, undefined);
    assert.equal(found.length, messages.length, found.join('\n'));
    messages.forEach((message, index) => {
      assert.ok(
        found[index]?.startsWith(`kiln.profile.yaml:${message}`),
        `${found[index]} instead of ${message}`,
      );
    });
    for (const { message, hint } of diagnostics) assert.ok(hint && hint.length > 5, `no hint: ${message}`);
  });
}

const others: readonly (readonly [what: string, text: string])[] = [
  ['a template', '## template: jinja\n#cloud-config\npackages: [a]\n'],
  ['a list of URLs', '#include\nhttps://example.org\n'],
  ['an archive', '#cloud-config-archive\n- x\n'],
  ['a MIME message', 'Content-Type: multipart/mixed; boundary="x"\n\n--x\n'],
  ['a boothook', '#cloud-boothook\n#!/bin/sh\n'],
];

for (const [what, text] of others) {
  test(`${what} of user data is no profile, and its hint says what to do`, (t) => {
    const { diagnostics } = read(t, text);
    assert.equal(diagnostics.length, 1);
    assert.match(diagnostics[0]?.message ?? '', /^the file is .*, which is no profile$/);
    assert.ok(diagnostics[0]?.hint);
  });
}
