import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints, readProject } from './testing/projects.ts';

const template = `
source "null" "web" {
  communicator = "none"
}
source "file" "web" {
  target = "web.txt"
}
source "null" "db" {
  communicator = "none"
}
build {
  sources = ["null.web", "file.web"]
  post-processors {
    post-processor "checksum" {}
    post-processor "manifest" {
      name = "list"
    }
    post-processor "compress" {}
  }
}
build {
  name    = "night"
  sources = ["null.db"]
}`;

const choices: readonly (readonly [only: readonly string[], except: readonly string[], builds: string])[] = [
  [[], [], 'null.web file.web night.null.db'],
  [['null.web'], [], 'null.web'],
  [['null.*'], [], 'null.web'],
  [['*null*'], [], 'null.web night.null.db'],
  [['*.web', 'night.*'], [], 'null.web file.web night.null.db'],
  [['{null,file}.web'], [], 'null.web file.web'],
  [['*'], ['*.web'], 'night.null.db'],
  [[], ['null.*', 'night*'], 'file.web'],
];

test('builds are chosen by patterns of their names', async (t) => {
  for (const [only, except, builds] of choices) {
    const result = await readProject(t, template, { only, except });
    assert.deepEqual(
      complaints(result).filter((one) => !/neither "source"/.test(one)),
      [],
    );
    assert.equal(result.plan?.builds.map(({ name }) => name).join(' '), builds, `${only} ${except}`);
    assert.equal(result.builds.join(' '), builds);
  }
});

test('a post-processor that is left out takes the rest of its chain with it', async (t) => {
  const cuts: readonly (readonly [string, string])[] = [
    ['list', 'checksum'],
    ['l?st', 'checksum'],
    ['checksum', ''],
    ['compress', 'checksum manifest'],
    // Its type does not count once it has a name.
    ['manifest', 'checksum manifest compress'],
  ];
  for (const [pattern, chain] of cuts) {
    const result = await readProject(t, template, { only: ['null.web'], except: [pattern] });
    const kinds = result.plan?.builds[0]?.outputs.flat().map(({ kind }) => kind);
    assert.equal(kinds?.join(' '), chain, pattern);
    const warned = complaints(result).some((one) => one.includes('no build is named'));
    assert.equal(warned, pattern === 'manifest', pattern);
  }
});

test('patterns that match nothing are told, and are a mistake when nothing is left', async (t) => {
  const some = await readProject(t, template, { only: ['null.web', 'nul.web'] });
  assert.ok(some.plan);
  assert.deepEqual(complaints(some), [
    '1:1: warning: -only: no build is named "nul.web" (did you mean "null.web"?)',
  ]);
  const none = await readProject(t, template, { only: ['qemu.*'] });
  assert.equal(none.plan, undefined);
  assert.deepEqual(complaints(none), [
    '1:1: warning: -only: no build is named "qemu.*" (the builds are null.web, file.web, night.null.db; * stands for any letters)',
    '1:1: error: nothing is left to build (the builds are null.web, file.web, night.null.db)',
  ]);
  const bad = await readProject(t, template, { only: ['[null'] });
  assert.match(complaints(bad).join('\n'), /-only: "\[null" is no pattern of names/);
});

test('a template without a build is a mistake', async (t) => {
  const result = await readProject(t, 'source "null" "a" {\n communicator = "none"\n}');
  assert.deepEqual(complaints(result), [
    '1:1: error: the template has no build (add build { sources = […] })',
  ]);
});
