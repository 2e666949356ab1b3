import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { namesFor } from './guest-names.ts';
import { updateHostNames } from './host-names.ts';
import type { CardRecord, NetworkMember, NetworkState } from './network-state.ts';

const card = (network: string, address: string, ownsHostname = false): CardRecord => ({
  id: address,
  mac: '52:54:00:00:00:01',
  on: { network },
  address,
  prefix: 24,
  configure: true,
  ownsHostname,
  link: { kind: 'tap', device: 'tap' },
});

const member = (
  name: string,
  cards: readonly CardRecord[],
  more: Partial<NetworkMember> = {},
): NetworkMember => ({
  name,
  project: '/project',
  names: [name],
  cards,
  others: [],
  inMachine: true,
  onHost: false,
  ...more,
});

const state = (members: NetworkState['members']): NetworkState => ({ schema: 1, networks: {}, members });

test('machines know those of their project that share a network with them', () => {
  const known = state({
    a: member('web', [card('front', '10.9.0.2'), card('back', '10.9.1.2')], {
      names: ['web.example.org', 'web', 'www'],
    }),
    b: member('db', [card('back', '10.9.1.3')]),
    c: member('lonely', [card('elsewhere', '10.9.2.3')]),
    d: member('stranger', [card('back', '10.9.1.4')], { project: '/other' }),
  });
  assert.equal(namesFor(known, 'a'), '10.9.1.3 db\n10.9.0.2 www');
  assert.equal(namesFor(known, 'b'), '10.9.1.2 web.example.org web www');
  assert.equal(namesFor(known, 'c'), '');
  assert.equal(namesFor(known, 'nobody'), '');
});

test('a card may own the host name, and names that are no names are left out', () => {
  const known = state({
    a: member('web', [card('back', '10.9.1.2'), card('back', '10.9.1.9', true)], { names: ['web'] }),
    b: member('db', [card('back', '10.9.1.3')], {
      others: [
        { address: '10.9.9.9', names: ['printer'] },
        { address: '10.9.9.8', names: ['x\n127.0.0.1 bank.example'] },
      ],
    }),
  });
  assert.equal(namesFor(known, 'a'), '10.9.1.3 db\n10.9.1.9 web');
  assert.equal(namesFor(known, 'b'), '10.9.1.9 web\n10.9.9.9 printer');
});

test("the host's list of names has a block of Kiln's, and the rest of it stays as it is", async (t) => {
  const file = join(await temporaryFolder(t), 'hosts');
  await writeFile(file, '127.0.0.1 localhost\n# mine');
  const known = state({ a: member('web', [card('back', '10.9.1.2')], { onHost: true }) });
  await updateHostNames('/home', known, file);
  const written = await readFile(file, 'utf8');
  assert.match(
    written,
    /^127\.0\.0\.1 localhost\n# mine\n# kiln [0-9a-f]{8}: begin\n10\.9\.1\.2 web\n# kiln [0-9a-f]{8}: end\n$/,
  );
  await updateHostNames('/home', known, file);
  assert.equal(await readFile(file, 'utf8'), written);
  await updateHostNames('/home', state({}), file);
  assert.equal(await readFile(file, 'utf8'), '127.0.0.1 localhost\n# mine\n');
});
