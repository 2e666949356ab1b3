import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChecksum } from './checksums.ts';

const sha256 = '0123456789abcdef'.repeat(4);
const other = 'f'.repeat(64);
const md5 = '0123456789abcdef'.repeat(2);
const found = { kind: 'digest', algorithm: 'sha256', hex: sha256 };
const find = (text: string, ...names: string[]) =>
  findChecksum(text, names.length ? names : ['disk.img'], 'SUMS');

test('the line of the file is taken from a GNU list', () => {
  assert.deepEqual(find(`${other}  disk.img.sig\n${other}  a/disk.img\n${sha256}  disk.img\n`), found);
  assert.deepEqual(find(`${other} *other.img\r\n${sha256} *disk.img\r\n`), found);
  assert.deepEqual(find(`${sha256.toUpperCase()}  ./disk.img\n`), found);
  assert.deepEqual(
    find(`${other}  disk.img\n${sha256}  images/disk.img\n`, 'x.img', 'images/disk.img'),
    found,
  );
});

test('names with spaces, and names that GNU tools escaped', () => {
  assert.deepEqual(find(`${sha256}  my disk.img\n`, 'my disk.img'), found);
  assert.deepEqual(find(`\\${sha256}  a\\\\b\\nc\n`, 'a\\b\nc'), found);
});

test('the line of the file is taken from a BSD list', () => {
  assert.deepEqual(find(`SHA256 (other.img) = ${other}\nSHA256 (disk.img) = ${sha256}\n`), found);
  assert.deepEqual(find(`MD5 (disk.img) = ${md5}\n`), { kind: 'digest', algorithm: 'md5', hex: md5 });
  assert.deepEqual(
    find(`SHA3-256 (disk.img) = ${other}\nRMD160 (disk.img) = ${md5}\nSHA256 (disk.img) = ${sha256}`),
    found,
  );
});

test('a digest that stands alone is for any file', () => {
  assert.deepEqual(find(`${sha256}\n`), found);
});

test('comments and signatures around the lines do not disturb', () => {
  assert.deepEqual(
    find(
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n# disk.img: 5 bytes\n${sha256}  disk.img\n-----BEGIN PGP SIGNATURE-----\n\niQIzBAEB\n`,
    ),
    found,
  );
});

test('a list without the file says which files it has', () => {
  assert.throws(() => find(`${other}  one.img\n${other}  two.img\n`), {
    code: 'checksum-mismatch',
    message: 'SUMS has no checksum for disk.img',
    hint: 'it has some for one.img, two.img',
  });
  assert.throws(() => find('<html>not found</html>'), { hint: 'it does not look like a checksum file' });
});
