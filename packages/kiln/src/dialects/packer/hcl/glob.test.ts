import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileGlob } from './glob.ts';

const rows: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
  ['qemu.web', ['qemu.web'], ['qemu-web', 'qemu.web2', 'a.qemu.web']],
  ['*', ['', 'qemu.web', 'a.b.c'], []],
  ['qemu.*', ['qemu.', 'qemu.a.b'], ['a.qemu.b']],
  ['**.web', ['qemu.web', 'a.qemu.web'], ['web']],
  ['qemu.we?', ['qemu.web', 'qemu.weé'], ['qemu.we', 'qemu.webb']],
  ['*.[ab]', ['qemu.a', 'qemu.b'], ['qemu.c', 'qemu.ab']],
  ['*.[a-c]', ['qemu.b'], ['qemu.d', 'qemu.-']],
  ['*.[!a-c]', ['qemu.d'], ['qemu.a']],
  ['*.[!xy]', ['qemu.z'], ['qemu.x']],
  ['*.{web,db*}', ['qemu.web', 'null.db2'], ['qemu.app']],
  ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
  ['a\\*', ['a*'], ['ab']],
  ['(a|b)+', ['(a|b)+'], ['a']],
  ['a,b', ['a,b'], []],
  ['a]}', ['a]}'], []],
];

test('patterns match as in Packer', () => {
  for (const [pattern, matching, other] of rows) {
    const glob = compileGlob(pattern);
    assert.ok(glob, pattern);
    for (const name of matching) assert.ok(glob.test(name), `${pattern} ${name}`);
    for (const name of other) assert.ok(!glob.test(name), `${pattern} ${name}`);
  }
});

test('what is no pattern is told', () => {
  for (const pattern of ['[a', '{a,b', '[]', '[!]', '[c-a]', 'a\\'])
    assert.equal(compileGlob(pattern), undefined, pattern);
});
