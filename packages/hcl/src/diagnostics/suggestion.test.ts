import assert from 'node:assert/strict';
import { it } from 'node:test';
import { suggestName } from './suggestion.ts';

it('the nearest name is suggested, if it is near enough', () => {
  const names = ['memory', 'memory_size', 'cpus', 'id', 'ip'];
  const cases: readonly (readonly [given: string, suggestion: string | undefined])[] = [
    ['memroy', 'memory'],
    ['memory_sze', 'memory_size'],
    ['cpu', 'cpus'],
    ['cpusss', 'cpus'],
    ['CPUs', undefined],
    ['disk', undefined],
    ['is', 'id'],
    ['x', undefined],
    ['', undefined],
    ['memory', undefined],
  ];
  for (const [given, suggestion] of cases) {
    assert.equal(suggestName(given, given === 'memory' ? ['cpus', 'memory'] : names), suggestion, given);
  }
});
