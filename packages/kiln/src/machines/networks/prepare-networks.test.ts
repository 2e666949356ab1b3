import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../base/processes.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { type CardDevice, cardArguments } from './card-devices.ts';
import { bridgeName, canMakeLinks } from './host-links.ts';
import { networkId } from './network-key.ts';
import { readNetworkState } from './network-state.ts';

const program = fileURLToPath(new URL('./testing/networks-in-namespace.ts', import.meta.url));
/** The kernel shows a network's devices to those who mount sysfs in it. */
const inNamespace = (...command: readonly string[]) =>
  run('unshare', [
    '--net',
    '--mount',
    'sh',
    '-c',
    'mount -t sysfs sysfs /sys && exec "$@"',
    'sh',
    ...command,
  ]);
const possible = (await canMakeLinks()) && (await inNamespace('true')).code === 0;

interface Link {
  readonly name: string;
  readonly master?: string;
  readonly addresses: readonly string[];
}

test('bridges and taps are made for machines, kept while one needs them, and removed after the last', {
  skip: possible ? false : 'making bridges takes root',
}, async (t) => {
  const home = join(await temporaryFolder(t), 'home');
  const { stdout, stderr } = await inNamespace(process.execPath, program, home);
  assert.ok(stdout.startsWith('{'), stderr);
  const steps = JSON.parse(stdout) as Readonly<Record<string, readonly Link[]>> & {
    readonly devices: readonly CardDevice[];
    readonly again: readonly CardDevice[];
  };
  assert.deepEqual(steps.again, steps.devices);
  assert.equal(steps.devices.length, 4);
  assert.deepEqual(cardArguments(steps.devices).slice(0, 2), [
    '-netdev',
    'tap,id=net1,ifname=ktaaaaaaaa-0,script=no,downscript=no',
  ]);
  const bridge = (key: string) => bridgeName(networkId(home, key));
  const shared = bridge('subnet 192.168.60.0/24');
  const foreign = { name: 'kiln-foreign', addresses: [] };
  const both = sorted(steps['both']!);
  assert.deepEqual(
    both,
    sorted([
      foreign,
      { name: shared, addresses: ['192.168.60.1/24'] },
      { name: bridge('subnet fde4:8dba:82::/64'), addresses: ['fde4:8dba:82::1/64'] },
      { name: bridge('any address'), addresses: ['172.28.128.1/24'] },
      { name: 'ktaaaaaaaa-0', master: shared, addresses: [] },
      { name: 'ktaaaaaaaa-1', master: bridge('subnet fde4:8dba:82::/64'), addresses: [] },
      { name: 'ktaaaaaaaa-2', master: bridge('any address'), addresses: [] },
      { name: 'ktaaaaaaaa-3', master: 'kiln-foreign', addresses: [] },
      { name: 'ktbbbbbbbb-0', master: shared, addresses: [] },
    ]),
  );
  // The command that prepares the machines lives.
  assert.deepEqual(sorted(steps['swept']!), both);
  assert.deepEqual(
    sorted(steps['second']!),
    sorted([
      foreign,
      { name: shared, addresses: ['192.168.60.1/24'] },
      { name: 'ktbbbbbbbb-0', master: shared, addresses: [] },
    ]),
  );
  assert.deepEqual(steps['none'], [foreign]);
  // Neither machine has a record: nothing is known of them any more.
  assert.deepEqual(await readNetworkState(home), { schema: 1, networks: {}, members: {} });
});

function sorted(links: readonly Link[]): Link[] {
  return [...links].sort((one, other) => (one.name < other.name ? -1 : 1));
}
