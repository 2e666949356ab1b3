import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../testing/random.ts';
import { format } from './format.ts';
import { corpus } from './testing/corpus.ts';
import { mutated } from './testing/mutate.ts';
import { randomDocument } from './testing/random-document.ts';
import { wordsOf } from './words.ts';

function wordTexts(text: string): string[] {
  const { length, starts, ends } = wordsOf(text);
  return Array.from({ length }, (_, index) => text.slice(starts[index], ends[index]));
}

function withoutBlanks(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/[ \t]/g, '');
}

test('formatting changes nothing but the white space between tokens', () => {
  for (let seed = 0; seed < 1500; seed++) {
    const source = randomDocument(seed);
    assert.deepEqual(wordTexts(format(source)), wordTexts(source), `seed ${seed}`);
  }
});

test('broken texts keep every character, and formatting them again changes nothing', () => {
  const cases = corpus();
  for (let seed = 0; seed < 6000; seed++) {
    const random = new Random(seed);
    const source = mutated(seed % 2 === 0 ? random.pick(cases).input : randomDocument(seed), random);
    const formatted = format(source);
    assert.equal(withoutBlanks(formatted), withoutBlanks(source), `seed ${seed}`);
    assert.equal(format(formatted), formatted, `seed ${seed}`);
  }
});
