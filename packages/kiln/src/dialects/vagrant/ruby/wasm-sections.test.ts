import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSections, unsigned, writeSections } from './wasm-sections.ts';

test('sections of a module are read and written as they were', () => {
  const sections = [
    { id: 1, content: Buffer.from([1, 2, 3]) },
    { id: 0, content: Buffer.alloc(300, 7) },
    { id: 11, content: Buffer.alloc(0) },
  ];
  const module = writeSections(sections);
  assert.equal(module.toString('latin1', 0, 4), '\0asm');
  assert.deepEqual(readSections(module), sections);
});

test('numbers are written in LEB128', () => {
  assert.deepEqual([...unsigned(0)], [0]);
  assert.deepEqual([...unsigned(127)], [127]);
  assert.deepEqual([...unsigned(624_485)], [0xe5, 0x8e, 0x26]);
  assert.deepEqual([...unsigned(2 ** 32)], [0x80, 0x80, 0x80, 0x80, 0x10]);
});
