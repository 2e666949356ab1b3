import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { sleep } from '../../base/cancellation.ts';
import { formatDuration } from '../../base/durations.ts';
import { KilnError } from '../../base/errors.ts';
import type { Qmp } from './qmp.ts';

/** QEMU's user network shows the host to the machine under this address. */
const userNetworkHost = '10.0.2.2';

/**
 * This host's address as a machine sees it.
 * @throws KilnError `not-found` when the bridge does not exist or has no IPv4 address
 */
export function hostAddressForGuests(bridge: string | undefined): string {
  if (bridge === undefined) return userNetworkHost;
  const addresses = networkInterfaces()[bridge];
  const found = addresses?.find((one) => one.family === 'IPv4');
  if (found) return found.address;
  throw new KilnError(
    'not-found',
    `the bridge "${bridge}" ${addresses ? 'has no IPv4 address' : 'does not exist'}`,
    {
      hint: 'set net_bridge to a bridge of this host (see: ip link show type bridge)',
    },
  );
}

/**
 * Waits until a machine on a bridge has been seen by the host's neighbour table.
 * @throws KilnError `guest-unreachable`, `cancelled`
 */
export async function waitForBridgedAddress(
  qmp: Qmp,
  bridge: string,
  timeout: number,
  signal: AbortSignal,
): Promise<string> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const macs = await macAddresses(qmp);
    const table = parseNeighbours(await readFile('/proc/net/arp', 'utf8'));
    const found = table.find((one) => one.device === bridge && macs.includes(one.mac));
    if (found) return found.address;
    if (performance.now() > deadline) {
      throw new KilnError(
        'guest-unreachable',
        `the machine did not show up on the bridge "${bridge}" within ${formatDuration(timeout)}`,
        {
          hint: 'is there a DHCP server on the bridge, and does the machine use it?',
        },
      );
    }
    await sleep(250, signal);
  }
}

/** Complete entries of /proc/net/arp: address, type, flags, hardware address, mask, device. */
export function parseNeighbours(text: string): { address: string; mac: string; device: string }[] {
  const complete = 2;
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields.length >= 6 && (Number(fields[2]) & complete) !== 0)
    .map((fields) => ({ address: fields[0]!, mac: fields[3]!.toLowerCase(), device: fields[5]! }));
}

interface QomProperty {
  readonly name: string;
  readonly type: string;
}

async function macAddresses(qmp: Qmp): Promise<string[]> {
  const macs: string[] = [];
  for (const parent of ['/machine/peripheral', '/machine/peripheral-anon']) {
    const children = await qmp.execute<QomProperty[]>('qom-list', { path: parent });
    if (!children.ok) continue;
    for (const child of children.value.filter((one) => one.type.startsWith('child<'))) {
      const mac = await qmp.execute('qom-get', { path: `${parent}/${child.name}`, property: 'mac' });
      if (mac.ok && typeof mac.value === 'string') macs.push(mac.value.toLowerCase());
    }
  }
  return macs;
}
