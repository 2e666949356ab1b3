import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesDisk } from './bytes-disk.ts';
import { useDamaged, victims } from './testing/damage.ts';

test('damaged files of every kind are read or refused, and never do harm', async () => {
  for (const victim of await victims()) {
    await victim.use(bytesDisk(victim.bytes));
    const refused = await useDamaged(
      victim,
      Array.from({ length: 40 }, (_, seed) => seed),
    );
    assert.ok(refused > 0, `${victim.name}: nothing was noticed`);
  }
});
