import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeName, encodeName, isByteName, showName } from './byte-names.ts';

test('every sequence of bytes comes back from its name', () => {
  const names = [
    Buffer.from('plain'),
    Buffer.from('größe 日本 🦀'),
    Buffer.from([0x62, 0xff, 0x80, 0xc3]),
    Buffer.from([0xed, 0xb2, 0x80]),
    Buffer.from([0xf0, 0x9f, 0xa6]),
    Buffer.from([0xc0, 0xaf, 0x2e]),
    Buffer.from(Array.from({ length: 255 }, (_, byte) => byte + 1)),
  ];
  for (const name of names) assert.deepEqual(encodeName(decodeName(name)), name);
});

test('different names stay different', () => {
  assert.notEqual(decodeName(Buffer.from([0xff])), decodeName(Buffer.from([0xfe])));
  assert.notEqual(decodeName(Buffer.from([0xff])), decodeName(Buffer.from('\ufffd')));
});

test('names that no text can express are known as such, and shown in one line', () => {
  assert.equal(isByteName(decodeName(Buffer.from('größe 🦀'))), false);
  assert.equal(isByteName(decodeName(Buffer.from([0x61, 0xff]))), true);
  assert.equal(showName(decodeName(Buffer.from([0x61, 0xff, 0x0a, 0x1b]))), 'a\\xff\\x0a\\x1b');
});
