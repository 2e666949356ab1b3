import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { MachineNetwork } from '../../plan/machine-network.ts';
import { formatSubnet, subnetOf } from './subnet.ts';

/**
 * Which network a private card is in. Cards with the same key share one: those of one name in a project; without a name
 * those whose addresses lie in the same subnet, in any project; and all that only ask for some address.
 */
export function networkKey(
  card: Pick<MachineNetwork, 'network' | 'address' | 'prefix' | 'isolated'>,
  project: string | undefined,
): string {
  const subnet = card.address === undefined ? undefined : subnetOf(card.address, prefixOf(card));
  const where = subnet && formatSubnet(subnet);
  // The host has no address in such a network, so that two projects may use the same ones.
  if (card.isolated) return `isolated ${card.network ?? where ?? 'any'} ${project ?? ''}`.trim();
  if (card.network !== undefined) return `named ${card.network} ${project ?? ''}`.trim();
  return where === undefined ? 'any address' : `subnet ${where}`;
}

export function describeNetwork(card: Pick<MachineNetwork, 'network' | 'address' | 'prefix'>): string {
  if (card.network !== undefined) return `the network ${card.network}`;
  const subnet = card.address === undefined ? undefined : subnetOf(card.address, prefixOf(card));
  return subnet ? `the network ${formatSubnet(subnet)}` : 'the network of machines without fixed addresses';
}

export function prefixOf(card: Pick<MachineNetwork, 'address' | 'prefix'>): number {
  return card.prefix ?? (card.address !== undefined && isIPv6(card.address) ? 64 : 24);
}

/** Eight hexadecimal digits by which devices of a network are named, different in every store. */
export function networkId(home: string, key: string): string {
  return digest(home, key).slice(0, 8);
}

/** The same at every start of this machine. */
export function cardMac(machine: string, card: string): string {
  return `52:54:${digest(machine, card).slice(0, 8).match(/../g)!.join(':')}`;
}

/**
 * A multicast group and port for frames of a network. Administratively scoped (RFC 2365); nothing sent there leaves
 * the host, because it goes out by the loopback device.
 */
export function multicastGroup(home: string, key: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([home, key, process.getuid?.() ?? 0]))
    .digest();
  const port = 20_000 + (bytes.readUInt16BE(4) % 20_000);
  return `239.${192 + (bytes[0]! % 60)}.${bytes[1]}.${bytes[2]}:${port}`;
}

function digest(...words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex');
}
