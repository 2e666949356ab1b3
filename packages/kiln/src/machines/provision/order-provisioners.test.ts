import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provisioner } from '../../plan/provisioner.ts';
import { orderProvisioners } from './order-provisioners.ts';
import { isChosen, type ProvisionMode, provisionModeOf } from './provision-mode.ts';

function provisioner(name: string, changes: Partial<Provisioner> = {}): Provisioner {
  return { name, type: 'shell', run: 'once', needsGuest: true, steps: [], ...changes };
}

const order = (...given: readonly Provisioner[]) => orderProvisioners(given).map(({ name }) => name);

test('without dependencies provisioners run as they stand', () => {
  assert.deepEqual(order(provisioner('b'), provisioner('a')), ['b', 'a']);
});

test('one that depends on a name stands right beside it', () => {
  assert.deepEqual(
    order(
      provisioner('late', { after: 'first' }),
      provisioner('first'),
      provisioner('second'),
      provisioner('early', { before: 'second' }),
    ),
    ['first', 'late', 'early', 'second'],
  );
});

test('one may depend on another that depends on a third', () => {
  assert.deepEqual(
    order(provisioner('a'), provisioner('b', { before: 'a' }), provisioner('c', { before: 'b' })),
    ['c', 'b', 'a'],
  );
});

test('one for each stands around all others, and those for all stand at the ends', () => {
  assert.deepEqual(
    order(
      provisioner('end', { after: 'all' }),
      provisioner('a'),
      provisioner('pre', { before: 'each' }),
      provisioner('post', { after: 'each' }),
      provisioner('b'),
      provisioner('start', { before: 'all' }),
    ),
    ['start', 'pre', 'a', 'post', 'pre', 'b', 'post', 'end'],
  );
});

test('several for all at the front keep the order in which they stand', () => {
  assert.deepEqual(
    order(provisioner('x'), provisioner('one', { before: 'all' }), provisioner('two', { before: 'all' })),
    ['one', 'two', 'x'],
  );
});

test('what runs depends on how often it is to run, whether the machine is new, and what was asked for', () => {
  const all = [
    provisioner('setup', { run: 'once' }),
    provisioner('start', { run: 'always' }),
    provisioner('wipe', { run: 'never', type: 'file' }),
  ];
  const chosen = (mode: ProvisionMode, isNew: boolean) =>
    all.filter((one) => isChosen(one, mode, isNew)).map(({ name }) => name);
  assert.deepEqual(chosen({ kind: 'automatic' }, true), ['setup', 'start']);
  assert.deepEqual(chosen({ kind: 'automatic' }, false), ['start']);
  assert.deepEqual(chosen({ kind: 'all' }, false), ['setup', 'start']);
  assert.deepEqual(chosen({ kind: 'none' }, true), []);
  assert.deepEqual(chosen({ kind: 'named', names: ['wipe'] }, false), ['wipe']);
  assert.deepEqual(chosen({ kind: 'named', names: ['file'] }, true), []);
  assert.deepEqual(chosen({ kind: 'named', names: ['shell'] }, false), ['setup', 'start']);
});

test('options of the command line say what is done', () => {
  assert.deepEqual(provisionModeOf({}), { kind: 'automatic' });
  assert.deepEqual(provisionModeOf({ provision: true }), { kind: 'all' });
  assert.deepEqual(provisionModeOf({ provision: false, provisionWith: ['a'] }), { kind: 'none' });
  assert.deepEqual(provisionModeOf({ provisionWith: ['a,b', 'c'] }), {
    kind: 'named',
    names: ['a', 'b', 'c'],
  });
});
