import { test } from 'node:test';
import { useDamaged, victims } from './testing/damage.ts';

test('thousands of damaged files are read or refused, and never do harm', async () => {
  for (const victim of await victims())
    await useDamaged(
      victim,
      Array.from({ length: 700 }, (_, index) => 1000 + index),
    );
});
