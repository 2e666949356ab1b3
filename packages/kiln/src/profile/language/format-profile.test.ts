import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escaped, escapedScript, interpolate, type Scope } from '../../base/yaml/interpolate.ts';
import type { Profile } from '../../plan/profile.ts';
import { formatProfile } from './format-profile.ts';
import { p, profileOf } from './testing.ts';

const texts: Readonly<Record<string, string>> = {
  nothing: p(''),
  packages: p(`os: alpine/3.20
name: "a $\${x}: b # c"
packages: [nginx=1.*, { name: a-b, version: latest, when: cpus > 2 }, { name: c, absent: true }, { name: d, held: false }]
`),
  accounts: p(`groups: { a: 5, b: {}, c: absent, d: { system: true, when: virtual } }
users:
  a: { uid: 5, group: b, groups: [c2], home: /srv/a, shell: /bin/sh, comment: "x # y", system: true, create_home: true }
  b: { sudo: false, password: '$6$abcdefgh$\${x}23456789abcdefghij', exact_groups: true }
  c: { sudo: password, password: locked, create_home: false }
  d: { sudo: ["ALL=(ALL) ALL", "ALL=(a) NOPASSWD: /bin/x"], when: not (virtual and cpus > 2) or booted }
  e: absent
  f: { absent: true, remove_home: true, when: "os.codename in [a, 'b c']" }
`),
  files: p(`files:
  /a: "text $\${x} $$\${y} \${z:-\${w}} \${v\\n$\${a.b}\\n"
  /b: { content: "  leading\\n\\n", mode: "0600", owner: a, group: b, secret: true }
  /c: { base64: AAEC, when: architecture == amd64 }
  /d: { url: "https://example.org/$\${x}", digest: "sha256:${'0'.repeat(64)}", mode: "4755" }
  /e: { link: ../x }
  /f: { directory: true, mode: "1777" }
  /g: { absent: true, recursive: true }
  /h: { owner: nobody }
  "/i: #x": ""
`),
  services: p(`files: { /a: x }
services:
  a: enabled
  b: disabled
  c.timer: masked
  d: { masked: false, running: true, restart_on: /a, when: hostname matches "w*" }
  e: { unit: "[Unit]\\nDescription=$\${x} \${y:-1} %i\\n", drop_in: "[Service]\\nX=1\\n" }
  f: {}
`),
  config: p(`config:
  hostname: a
  timezone: UTC
  locale: C.UTF-8
  locales: [en_GB.UTF-8]
  keyboard: { layout: gb, model: pc104 }
  sysctl: { a.b: "$\${x}", c.d: "1 2\\t3" }
  modules: { load: [a], blacklist: [b] }
  limits: ["* - nofile 5"]
  environment: { A: "yes", B: "a b" }
  hosts: { "::1": [a, b], 192.0.2.1: c }
  dns: { servers: [192.0.2.53], search: [a.b] }
  cron: { a: "*/5 * * * * root x \${y%z} $\${w}", b: absent }
  timers: { a: { calendar: daily, command: "x $\${y}", user: u, persistent: false }, b: absent }
  swap: { size: 1536M, path: /s }
`),
  scripts: p(`scripts:
  - { name: a, at: first, run: "#!/bin/bash\\necho $\${x} \${y:-}\\n", unless: "test $\${x}", creates: /x }
  - echo
`),
  repositories: p(`repositories:
  a: { url: "https://a", suites: x, components: [main, b], architectures: [amd64] }
  b: { url: ["https://a", "https://b"], suites: [./] , key: { url: "https://k", digest: "sha256:${'1'.repeat(64)}" } }
  c: absent
  d: { url: "https://a" }
`),
};

for (const [what, text] of Object.entries(texts)) {
  test(`a profile with ${what} that is written and read again is the same`, (t) => {
    const profile: Profile = profileOf(t, text);
    const written = formatProfile(profile);
    assert.deepEqual({ ...profileOf(t, written), name: profile.name }, profile, written);
    assert.equal(formatProfile(profileOf(t, written)), written);
  });
}

test('what is escaped is filled in as it was', () => {
  const pieces = ['$', '{', '}', 'x', 'a.b', ':-', '\n', '${', '${x}', '$${', ' '];
  const scope: Scope = {
    values: new Map([
      ['x', 'WRONG'],
      ['a.b', 'WRONG'],
    ]),
    unset: new Set(),
    dotted: true,
  };
  let seed = 7;
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: 1 + (round % 9) }, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return pieces[seed % pieces.length];
    }).join('');
    assert.equal(interpolate(escaped(text), scope, false).text, text, JSON.stringify(text));
    assert.equal(interpolate(escapedScript(text), scope, true).text, text, JSON.stringify(text));
  }
});
