import { identifyProcess } from '../../base/processes.ts';
import type { MachineNames } from '../../plan/machine-names.ts';
import type { MachineNetwork } from '../../plan/machine-network.ts';
import type { MachineRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { type CardDevice, cardDevices } from './card-devices.ts';
import {
  bridgeName,
  canMakeLinks,
  hostAddresses,
  hostBridges,
  ipBatch,
  linkAlias,
  type OwnLink,
  ownLinks,
  passFilter,
} from './host-links.ts';
import {
  type CardRecord,
  type NetworkMember,
  type NetworkState,
  readNetworkState,
  withNetworks,
} from './network-state.ts';
import { publicLink } from './public-links.ts';
import { settleCards } from './settle-cards.ts';

export interface NetworkRequest {
  readonly record: Pick<MachineRecord, 'id' | 'name' | 'project' | 'hostname'>;
  /** Undefined: what the machine had the last time, as when it wakes up. */
  readonly networks?: readonly MachineNetwork[];
  readonly names?: MachineNames;
  /** QEMU's device for cards. */
  readonly model?: string;
}

/**
 * Makes the networks of a machine that is about to start: with the right to, bridges and taps of the host; else QEMU's
 * own between machines. Repeating it changes nothing. What it has made is removed when the last machine of a network is
 * gone (release-networks.ts).
 * @returns the machine's cards beside the first one, in order
 * @throws KilnError `already-exists` for an address or a network of somebody else, `tool-failed`, `cancelled`
 */
export async function prepareNetworks(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  request: NetworkRequest,
): Promise<readonly CardDevice[]> {
  const { home, signal } = services;
  const { record } = request;
  const known = await readNetworkState(home);
  const asksForNothing = (request.networks ?? []).length === 0 && request.names === undefined;
  if (asksForNothing && known?.members[record.id] === undefined) return [];
  const withBridges = await canMakeLinks();
  const said: string[] = [];
  const cards = await withNetworks(
    home,
    async (state, write) => {
      const links = withBridges ? await ownLinks(home) : [];
      const settled = request.networks
        ? await settle(services, request, state, links, withBridges, said)
        : { networks: state.networks, cards: state.members[record.id]?.cards ?? [] };
      const member = memberOf(request, settled.cards, state.members[record.id]);
      const changed: NetworkState = {
        schema: 1,
        networks: settled.networks,
        members: { ...state.members, [record.id]: member },
      };
      // What is written first is what the next command cleans up, should this one be killed.
      await write(changed);
      if (withBridges) await makeLinks(home, record.id, changed, links);
      return settled.cards;
    },
    signal,
  );
  for (const text of said) tell(services, record.name, text);
  return cardDevices(cards, request.model);
}

async function settle(
  { home }: Pick<MachineServices, 'home'>,
  { record, networks = [] }: NetworkRequest,
  state: NetworkState,
  links: readonly OwnLink[],
  withBridges: boolean,
  said: string[],
): Promise<{ readonly networks: NetworkState['networks']; readonly cards: readonly CardRecord[] }> {
  const own = new Set(links.map(({ device }) => device));
  const bridges = networks.some(({ kind }) => kind === 'public') ? await hostBridges() : new Map();
  const settled = settleCards({
    home,
    state,
    machine: record,
    networks,
    withBridges,
    hostAddresses: withBridges ? hostAddresses(own) : [],
    publicLink: (card, index) => {
      const others = new Map([...bridges].filter(([name]) => !own.has(name)));
      const found = publicLink({ bridges: others, withBridges }, record.id, card, index);
      if (typeof found !== 'string') return found;
      said.push(found);
      return undefined;
    },
  });
  if (settled.cards.some(({ link }) => link.kind === 'multicast')) {
    said.push(
      'its private networks are between machines only, as making one for the host takes root; the host reaches it by forwarded ports',
    );
  }
  return settled;
}

function memberOf(
  { record, names, networks }: NetworkRequest,
  cards: readonly CardRecord[],
  before: NetworkMember | undefined,
): NetworkMember {
  const preparer = identifyProcess(process.pid);
  const keep = networks === undefined && before !== undefined;
  const { namesWritten: _old, ...rest } = before ?? {};
  return {
    ...(keep ? (rest as NetworkMember) : {}),
    name: record.name,
    ...(record.project === undefined ? {} : { project: record.project }),
    names: keep ? before.names : namesOf(record.hostname, names?.aliases ?? []),
    cards,
    others: keep ? before.others : (names?.others ?? []),
    inMachine: keep ? before.inMachine : (names?.inMachine ?? true),
    onHost: keep ? before.onHost : (names?.onHost ?? false),
    ...(preparer ? { preparer } : {}),
  };
}

/** `web.example.org` is `web`, too. */
function namesOf(hostname: string, aliases: readonly string[]): readonly string[] {
  const short = hostname.split('.')[0]!;
  return [...new Set([hostname, short, ...aliases])];
}

async function makeLinks(
  home: string,
  machine: string,
  state: NetworkState,
  links: readonly OwnLink[],
): Promise<void> {
  const isThere = (device: string) => links.some((one) => one.device === device);
  const lines: string[] = [];
  const made: string[] = [];
  for (const { on, link } of state.members[machine]?.cards ?? []) {
    if (link.kind !== 'tap') continue;
    let bridge: string;
    if ('network' in on) {
      const network = state.networks[on.network]!;
      bridge = bridgeName(network.id);
      if (!isThere(bridge) && !made.includes(bridge)) {
        made.push(bridge);
        lines.push(
          // Without a querier, snooping can withhold the multicasts by which IPv6 finds neighbours.
          `link add name ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
          `link set dev ${bridge} alias "${linkAlias(home, `bridge ${on.network}`)}"`,
        );
      }
      for (const { subnet, hostAddress } of network.subnets) {
        if (hostAddress === undefined) continue;
        const prefix = subnet.split('/')[1];
        const isSix = hostAddress.includes(':');
        lines.push(`address replace ${hostAddress}/${prefix} dev ${bridge}${isSix ? ' nodad' : ''}`);
      }
      lines.push(`link set dev ${bridge} up`);
    } else bridge = on.bridge;
    if (!isThere(link.device)) {
      lines.push(
        `tuntap add dev ${link.device} mode tap user ${process.getuid?.() ?? 0}`,
        `link set dev ${link.device} alias "${linkAlias(home, `tap ${machine}`)}"`,
      );
    }
    lines.push(`link set dev ${link.device} master ${bridge} up`);
  }
  await ipBatch(lines);
  for (const bridge of made) await passFilter(bridge, true);
}
