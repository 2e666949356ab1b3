import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packerJson, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { hclText } from './hcl-text.ts';

test('Packer reads the texts as they were', { skip: packerMissing }, () => {
  const pieces = [
    'a',
    '$',
    '%',
    '{',
    '}',
    '"',
    '\\',
    '\n',
    ' ',
    '\t',
    '\r',
    '~',
    "'",
    '#',
    'é',
    '👍',
    '\u0007',
    '\u2028',
    '${',
    '%{',
  ];
  const random = new Random(1);
  const texts = Array.from({ length: 200 }, () => {
    return Array.from({ length: random.below(9) }, () => random.pick(pieces)).join('');
  });
  assert.deepEqual(
    packerJson(texts.map((text) => hclText(text))).map((json) => JSON.parse(json)),
    texts,
  );
});
