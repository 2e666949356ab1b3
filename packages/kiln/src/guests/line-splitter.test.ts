import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSplitter } from './line-splitter.ts';

function split(...chunks: readonly (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
}

test('lines are given whole, wherever the chunks end', () => {
  assert.deepEqual(split('on', 'e\ntw', 'o\n'), ['one', 'two']);
});

test('a last line without line end is given at the end', () => {
  assert.deepEqual(split('one\ntwo'), ['one', 'two']);
  assert.deepEqual(split('one\n'), ['one']);
  assert.deepEqual(split(), []);
});

test('empty lines are lines', () => {
  assert.deepEqual(split('\n\na\n'), ['', '', 'a']);
});

test('characters may be cut by a chunk border at every byte', () => {
  const bytes = Buffer.from('grün € 😀\n');
  for (let at = 1; at < bytes.length; at += 1) {
    assert.deepEqual(split(bytes.subarray(0, at), bytes.subarray(at)), ['grün € 😀']);
  }
});

test('a line end of CR and LF is one, also across chunks', () => {
  assert.deepEqual(split('one\r\ntwo\r', '\nthree'), ['one', 'two', 'three']);
});

test('of a progress bar the last state is shown', () => {
  assert.deepEqual(split('10%\r50%\r100%\n', '1\r2\r\n'), ['100%', '2']);
});

test('a stream without line ends is given in pieces instead of filling the memory', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (let i = 0; i < 40; i += 1) splitter.push(Buffer.alloc(65_536, 'x'));
  assert.ok(lines.length >= 1);
  splitter.end();
  assert.equal(lines.join('').length, 40 * 65_536);
});
