// Run in a network namespace of its own: makes networks for two machines, looks, and releases them step by step.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrFail } from '../../../base/processes.ts';
import type { MachineNetwork } from '../../../plan/machine-network.ts';
import { type NetworkRequest, prepareNetworks } from '../prepare-networks.ts';
import { releaseNetworks, sweepNetworks } from '../release-networks.ts';

const [home = ''] = process.argv.slice(2);
const said: string[] = [];
const services = {
  home,
  emit: (event: { readonly kind: string; readonly text?: string }) => said.push(event.text ?? event.kind),
  signal: new AbortController().signal,
};

const card = (id: string, changes: Partial<MachineNetwork>): MachineNetwork => ({
  kind: 'private',
  id,
  configure: true,
  ownsHostname: false,
  bridges: [],
  isolated: false,
  ...changes,
});

const request = (id: string, networks: readonly MachineNetwork[]): NetworkRequest => ({
  record: { id, name: id, project: '/project', hostname: `${id}.example.org` },
  networks,
});

async function links(): Promise<unknown> {
  const { stdout } = await runOrFail('ip', ['-json', 'address', 'show']);
  const all = JSON.parse(stdout) as {
    ifname: string;
    master?: string;
    addr_info: { local: string; prefixlen: number; scope: string }[];
  }[];
  return all
    .filter(({ ifname }) => ifname !== 'lo')
    .map(({ ifname, master, addr_info }) => ({
      name: ifname,
      master,
      addresses: addr_info
        .filter(({ scope }) => scope === 'global')
        .map((one) => `${one.local}/${one.prefixlen}`),
    }));
}

await mkdir(join(home, 'locks'), { recursive: true });
await runOrFail('ip', ['link', 'set', 'lo', 'up']);
await runOrFail('ip', ['link', 'add', 'kiln-foreign', 'type', 'bridge']);
const steps: Record<string, unknown> = {};
const own = [
  card('one', { address: '192.168.60.10' }),
  card('two', { address: 'fde4:8dba:82::c4' }),
  card('three', {}),
  card('public', { kind: 'public', bridges: ['kiln-foreign'] }),
];
steps['devices'] = await prepareNetworks(services, request('aaaaaaaa', own));
steps['again'] = await prepareNetworks(services, request('aaaaaaaa', own));
await prepareNetworks(services, request('bbbbbbbb', [card('one', { address: '192.168.60.11' })]));
steps['both'] = await links();
await sweepNetworks(home);
steps['swept'] = await links();
await releaseNetworks(home, 'aaaaaaaa', { forget: false });
steps['second'] = await links();
await releaseNetworks(home, 'bbbbbbbb', { forget: true });
steps['none'] = await links();
process.stdout.write(JSON.stringify({ ...steps, said }));
