import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChecksum } from './checksum.ts';

const digests = {
  md5: 'a'.repeat(32),
  sha1: 'b'.repeat(40),
  sha256: 'c'.repeat(64),
  sha512: 'd'.repeat(128),
};

test('the length of bare digits tells the algorithm', () => {
  for (const [algorithm, hex] of Object.entries(digests))
    assert.deepEqual(parseChecksum(hex.toUpperCase()), { kind: 'digest', algorithm, hex });
});

test('a named algorithm is taken at its word and must have its length', () => {
  for (const [algorithm, hex] of Object.entries(digests)) {
    assert.deepEqual(parseChecksum(`${algorithm}:${hex}`), { kind: 'digest', algorithm, hex });
    assert.deepEqual(parseChecksum(` ${algorithm.toUpperCase()}:${hex}\n`), {
      kind: 'digest',
      algorithm,
      hex,
    });
    assert.throws(() => parseChecksum(`${algorithm}:${hex}0`), { code: 'template-invalid', hint: /digits/ });
  }
});

test('none, and files of checksums by URL and path', () => {
  assert.deepEqual(parseChecksum('none'), { kind: 'none' });
  assert.deepEqual(parseChecksum('file:https://host/SHA256SUMS'), {
    kind: 'from',
    location: 'https://host/SHA256SUMS',
  });
  assert.deepEqual(parseChecksum('file:./sums.txt'), { kind: 'from', location: './sums.txt' });
});

test('anything else is refused with what to write', () => {
  for (const text of [
    '',
    'sha256',
    'sha256:',
    'file:',
    'abc',
    'sha224:abc',
    'z'.repeat(64),
    'https://host/sums',
  ])
    assert.throws(() => parseChecksum(text), { code: 'template-invalid', hint: /./ }, text);
});
