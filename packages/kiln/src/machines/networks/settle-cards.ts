import { KilnError } from '../../base/errors.ts';
import type { MachineNetwork } from '../../plan/machine-network.ts';
import { bridgeName, tapName } from './host-links.ts';
import { cardMac, describeNetwork, multicastGroup, networkId, networkKey, prefixOf } from './network-key.ts';
import type { CardRecord, NetworkRecord, NetworkState } from './network-state.ts';
import {
  addressAt,
  contains,
  formatSubnet,
  overlap,
  parseSubnet,
  placesIn,
  type Subnet,
  subnetOf,
} from './subnet.ts';

export interface SettleRequest {
  readonly home: string;
  readonly state: NetworkState;
  readonly machine: { readonly id: string; readonly name: string; readonly project?: string };
  readonly networks: readonly MachineNetwork[];
  /** Bridges and taps can be made. */
  readonly withBridges: boolean;
  /** What the host has without Kiln. */
  readonly hostAddresses: readonly { readonly device: string; readonly cidr: string }[];
  /** Where a public card may be plugged in; undefined: nowhere, and the card is left out. */
  readonly publicLink: (card: MachineNetwork, index: number) => PublicLink | undefined;
}

export interface PublicLink {
  readonly bridge: string;
  readonly link: CardRecord['link'];
}

/** QEMU's own network behind the first card of every machine. */
const innerNetwork = subnetOf('10.0.2.0', 24)!;

/**
 * Gives every card of a machine its network and its address, and makes what networks are new. What a machine got before
 * it gets again.
 * @throws KilnError `already-exists` when an address or a network is somebody else's
 */
export function settleCards(request: SettleRequest): {
  readonly networks: NetworkState['networks'];
  readonly cards: readonly CardRecord[];
} {
  const { home, state, machine } = request;
  const networks: Record<string, NetworkRecord> = { ...state.networks };
  const cards: CardRecord[] = [];
  request.networks.forEach((card, index) => {
    const common = {
      id: card.id,
      mac: card.mac ?? cardMac(machine.id, card.id),
      configure: card.configure,
      ownsHostname: card.ownsHostname,
    };
    if (card.kind === 'public') {
      const found = request.publicLink(card, index);
      if (!found) return;
      const own = card.address === undefined ? {} : { address: card.address, prefix: prefixOf(card) };
      cards.push({ ...common, on: { bridge: found.bridge }, link: found.link, ...own });
      return;
    }
    const key = networkKey(card, machine.project);
    const known = networks[key] ?? {
      id: networkId(home, key),
      description: describeNetwork(card),
      subnets: [],
    };
    const network = withSubnet(request, networks, key, known, card);
    networks[key] = network;
    const { address, prefix } = addressOf(request, key, network, card, cards);
    cards.push({
      ...common,
      on: { network: key },
      address,
      prefix,
      link: request.withBridges
        ? { kind: 'tap', device: tapName(machine.id, index) }
        : { kind: 'multicast', group: multicastGroup(home, key) },
    });
  });
  return { networks, cards };
}

/** The network with a subnet for this card. */
function withSubnet(
  request: SettleRequest,
  networks: NetworkState['networks'],
  key: string,
  network: NetworkRecord,
  card: MachineNetwork,
): NetworkRecord {
  if (card.address === undefined) {
    if (network.subnets.some(({ subnet }) => parseSubnet(subnet)!.family === 4)) return network;
  } else if (network.subnets.some(({ subnet }) => contains(parseSubnet(subnet)!, card.address!))) {
    return network;
  }
  const isTaken = (subnet: Subnet) => takenBy(request, networks, key, card, subnet);
  const subnet = card.address === undefined ? freeSubnet(isTaken) : subnetOf(card.address, prefixOf(card))!;
  const owner = isTaken(subnet);
  if (owner !== undefined) {
    throw new KilnError(
      'already-exists',
      `${request.machine.name}: the network ${formatSubnet(subnet)} overlaps with ${owner}`,
      { hint: 'choose addresses of another network, such as 192.168.56.0/24' },
    );
  }
  const first = addressAt(subnet, 1);
  const hostAddress = first === card.address ? addressAt(subnet, placesIn(subnet)) : first;
  const added = { subnet: formatSubnet(subnet), ...(card.isolated ? {} : { hostAddress }) };
  return { ...network, subnets: [...network.subnets, added] };
}

/** What already has addresses of a subnet, for people; undefined when nothing has. */
function takenBy(
  { home, hostAddresses, withBridges }: SettleRequest,
  networks: NetworkState['networks'],
  key: string,
  { isolated }: MachineNetwork,
  subnet: Subnet,
): string | undefined {
  if (overlap(subnet, innerNetwork)) return '10.0.2.0/24, by which every machine reaches the host';
  if (isolated || !withBridges) return undefined;
  const own = bridgeName(networkId(home, key));
  const host = hostAddresses.find(
    ({ device, cidr }) => device !== own && overlap(subnet, subnetOf(...splitCidr(cidr))!),
  );
  if (host) return `${host.cidr} of this host's ${host.device}`;
  for (const [otherKey, other] of Object.entries(networks)) {
    if (otherKey === key) continue;
    const same = other.subnets.find(
      (one) => one.hostAddress !== undefined && overlap(subnet, parseSubnet(one.subnet)!),
    );
    if (same) return `${same.subnet} of ${other.description}`;
  }
  return undefined;
}

/** Where Vagrant's users expect machines without fixed addresses. */
function freeSubnet(isTaken: (subnet: Subnet) => string | undefined): Subnet {
  for (let third = 128; third < 256; third++) {
    const subnet = subnetOf(`172.28.${third}.0`, 24)!;
    if (isTaken(subnet) === undefined) return subnet;
  }
  throw new KilnError('already-exists', 'every network from 172.28.128.0/24 to 172.28.255.0/24 is in use', {
    hint: 'give the machine an address of another network',
  });
}

function addressOf(
  { state, machine }: SettleRequest,
  key: string,
  network: NetworkRecord,
  card: MachineNetwork,
  before: readonly CardRecord[],
): { readonly address: string; readonly prefix: number } {
  const isHere = (one: CardRecord) => 'network' in one.on && one.on.network === key;
  const others = Object.entries(state.members).filter(([id]) => id !== machine.id);
  const owners = new Map<string, string>();
  for (const [, member] of others) {
    for (const one of member.cards) if (isHere(one) && one.address) owners.set(one.address, member.name);
  }
  for (const one of before) if (isHere(one) && one.address) owners.set(one.address, machine.name);
  for (const { hostAddress } of network.subnets) if (hostAddress) owners.set(hostAddress, 'this host');
  if (card.address !== undefined) {
    const owner = owners.get(card.address);
    if (owner !== undefined) {
      throw new KilnError(
        'already-exists',
        `${machine.name}: the address ${card.address} belongs to ${owner} already`,
        { hint: 'give the machine another one' },
      );
    }
    return { address: card.address, prefix: prefixOf(card) };
  }
  const subnet = network.subnets.map((one) => parseSubnet(one.subnet)!).find(({ family }) => family === 4)!;
  const earlier = state.members[machine.id]?.cards.find((one) => one.id === card.id && isHere(one))?.address;
  if (earlier !== undefined && contains(subnet, earlier) && !owners.has(earlier)) {
    return { address: earlier, prefix: subnet.prefix };
  }
  const last = Math.min(placesIn(subnet), 254);
  // Fixed addresses are mostly low: those that are handed out begin above them.
  const places = [...range(Math.min(100, last), last), ...range(2, Math.min(99, last - 1))];
  const address = places.map((place) => addressAt(subnet, place)).find((one) => !owners.has(one));
  if (address !== undefined) return { address, prefix: subnet.prefix };
  throw new KilnError('already-exists', `${network.description} has no free address for ${machine.name}`, {
    hint: 'destroy machines that are not needed, or give the network more addresses by a shorter prefix',
  });
}

function splitCidr(cidr: string): [address: string, prefix: number] {
  const [address, prefix] = cidr.split('/');
  return [address!, Number(prefix)];
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
