import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { withLock } from '../../base/locks.ts';
import type { ProcessIdentity } from '../../base/processes.ts';
import { storeLayout } from '../../store/home.ts';

/** What is known of all networks of a store: `networks/state.json`. */
export interface NetworkState {
  readonly schema: 1;
  /** By their keys (network-key.ts). */
  readonly networks: Readonly<Record<string, NetworkRecord>>;
  /** By machines' ids. */
  readonly members: Readonly<Record<string, NetworkMember>>;
}

/** A private network. */
export interface NetworkRecord {
  /** Eight hexadecimal digits; part of the names of its devices. */
  readonly id: string;
  /** For people. */
  readonly description: string;
  /** Such as `192.168.60.0/24`; the host's address there is none for a network in which it takes no part. */
  readonly subnets: readonly { readonly subnet: string; readonly hostAddress?: string }[];
}

/** A machine that has cards in networks, running or not. */
export interface NetworkMember {
  readonly name: string;
  readonly project?: string;
  /** Names by which others may ask for it; the host name first. */
  readonly names: readonly string[];
  readonly cards: readonly CardRecord[];
  /** Others that the machine is to know. */
  readonly others: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** Its own list of names is kept up to date. */
  readonly inMachine: boolean;
  /** The host's list of names has it, too. */
  readonly onHost: boolean;
  /** The command that prepares its start: until QEMU runs nothing else tells that its devices are needed. */
  readonly preparer?: ProcessIdentity;
  /** What its list of names was last made to hold. */
  readonly namesWritten?: string;
}

/** A network card of a machine. */
export interface CardRecord {
  /** As in the plan. */
  readonly id: string;
  readonly mac: string;
  /** Key of the private network, or the bridge of a public one. */
  readonly on: { readonly network: string } | { readonly bridge: string };
  /** Undefined: it asks for one by DHCP. */
  readonly address?: string;
  readonly prefix?: number;
  readonly configure: boolean;
  readonly ownsHostname: boolean;
  /** How frames leave QEMU. */
  readonly link:
    | { readonly kind: 'tap'; readonly device: string }
    | { readonly kind: 'multicast'; readonly group: string }
    | { readonly kind: 'bridge-helper'; readonly bridge: string; readonly helper: string };
}

const empty: NetworkState = { schema: 1, networks: {}, members: {} };

function networksFolder(home: string): string {
  return join(home, 'networks');
}

/** Undefined when there has never been a network. */
export async function readNetworkState(home: string): Promise<NetworkState | undefined> {
  return (await readJsonIfExists(join(networksFolder(home), 'state.json'))) as NetworkState | undefined;
}

/** Changes the state, and the host's devices with it; nobody else does so at the same time. */
export async function withNetworks<T>(
  home: string,
  work: (state: NetworkState, write: (changed: NetworkState) => Promise<void>) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const lock = join(storeLayout(home).locks, 'networks.lock');
  const options = { what: 'the networks of machines', wait: 60_000, ...(signal ? { signal } : {}) };
  return withLock(lock, options, async () => {
    const state = (await readNetworkState(home)) ?? empty;
    return work(state, async (changed) => {
      await mkdir(networksFolder(home), { recursive: true, mode: 0o700 });
      await writeFileAtomically(
        join(networksFolder(home), 'state.json'),
        `${JSON.stringify(changed, undefined, 1)}\n`,
        0o600,
      );
    });
  });
}
