import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePackerShop } from './testing.ts';

const files = {
  'a.pkr.hcl': 'a=1\n',
  'good.pkr.hcl': 'a = 1\n',
  'v.pkrvars.hcl': 'long = 1\nb = 2\n',
  'other.hcl': 'c=1\n',
  'sub/d.pkr.hcl': 'd=1\n',
};

test('the templates and variable files of a folder are formatted, and named when they change', async (t) => {
  const { packer, read } = makePackerShop(t, files);
  assert.deepEqual(await packer(['fmt', '.']), {
    code: 0,
    stdout: 'a.pkr.hcl\nv.pkrvars.hcl\n',
    stderr: '',
  });
  assert.equal(read('a.pkr.hcl'), 'a = 1\n');
  assert.equal(read('v.pkrvars.hcl'), 'long = 1\nb    = 2\n');
  assert.equal(read('other.hcl'), files['other.hcl']);
  assert.equal(read('sub/d.pkr.hcl'), files['sub/d.pkr.hcl']);
  assert.deepEqual(await packer(['fmt', '.']), { code: 0, stdout: '', stderr: '' });
  assert.equal((await packer(['fmt', '-recursive', '.'])).stdout, 'sub/d.pkr.hcl\n');
});

test('-check changes nothing and ends with 3', async (t) => {
  const { packer, read } = makePackerShop(t, files);
  assert.deepEqual(await packer(['fmt', '-check', 'a.pkr.hcl', 'good.pkr.hcl']), {
    code: 3,
    stdout: 'a.pkr.hcl\n',
    stderr: '',
  });
  assert.equal(read('a.pkr.hcl'), files['a.pkr.hcl']);
  assert.equal((await packer(['fmt', '-check', 'good.pkr.hcl'])).code, 0);
});

test('-diff shows what changes', async (t) => {
  const { packer, read } = makePackerShop(t, files);
  assert.deepEqual(await packer(['fmt', '-diff', '-write=false', 'a.pkr.hcl']), {
    code: 0,
    stdout: 'a.pkr.hcl\n--- old/a.pkr.hcl\n+++ new/a.pkr.hcl\n@@ -1 +1 @@\n-a=1\n+a = 1\n',
    stderr: '',
  });
  assert.equal(read('a.pkr.hcl'), files['a.pkr.hcl']);
});

test('standard input is formatted onto standard output', async (t) => {
  const { packer } = makePackerShop(t);
  assert.deepEqual(await packer(['fmt', '-'], { input: 'a {\nb=1\n}' }), {
    code: 0,
    stdout: 'a {\n  b = 1\n}',
    stderr: '',
  });
  assert.equal((await packer(['fmt', '-check', '-'], { input: 'b=1\n' })).code, 3);
});

test('files with mistakes and files of another kind are refused', async (t) => {
  const { packer, read } = makePackerShop(t, { ...files, 'bad.pkr.hcl': 'a = {\n', 't.json': '{}' });
  const broken = await packer(['fmt', 'bad.pkr.hcl', 'a.pkr.hcl']);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /^Error: .*\n\n {2}on bad\.pkr\.hcl line /);
  assert.equal(read('bad.pkr.hcl'), 'a = {\n');
  assert.equal(read('a.pkr.hcl'), 'a = 1\n', 'the others are formatted all the same');
  for (const file of ['t.json', 'other.hcl', 'missing']) {
    assert.equal((await packer(['fmt', file])).code, 1, file);
  }
});
