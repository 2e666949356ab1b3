import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { KilnError, messageOf } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { rootCommand } from '../as-root.ts';
import { type MachineRecord, machineFiles, qemuProcess } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { namesFor } from './guest-names.ts';
import { guestNetworkScript } from './guest-network-script.ts';
import { updateHostNames } from './host-names.ts';
import {
  type CardRecord,
  type NetworkMember,
  type NetworkState,
  readNetworkState,
  withNetworks,
} from './network-state.ts';
import { netmaskOf } from './subnet.ts';

export interface ConfigureRequest {
  readonly record: Pick<MachineRecord, 'id' | 'name'>;
  readonly guest: Guest;
  /** Connects to another running machine of the project; that one is told of this one's names. */
  readonly openNeighbour?: (id: string) => Promise<Guest>;
}

/**
 * Configures the cards of a machine that has started, and has it and its neighbours know each other's names: one command
 * in it, and one in each neighbour that does not know it yet. A machine without networks costs nothing.
 * @throws KilnError `step-failed` with what the machine said, `guest-disconnected`, `cancelled`
 */
export async function configureNetworks(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  { record, guest, openNeighbour }: ConfigureRequest,
): Promise<void> {
  for (let round = 1; ; round++) {
    const state = await readNetworkState(services.home);
    const self = state?.members[record.id];
    if (!state || !self) return;
    const names = namesFor(state, record.id);
    // Only names may have changed since the first round.
    const cards = round === 1 ? self.cards.filter(({ configure }) => configure) : [];
    if (cards.length > 0 || names !== '' || self.namesWritten !== undefined) {
      await runScript(services, record.name, guest, self, names, cards);
    }
    const current = await noteNames(services.home, state, [record.id]);
    // Another machine may have come while this one was being told of the others, and have found it busy.
    if (round >= 3 || namesFor(current, record.id) === names) break;
  }
  await noteOnHost(services, record.name);
  if (openNeighbour) await tellNeighbours(services, record.id, openNeighbour);
}

/**
 * Has the running machines of a project know each other's names as they are now, such as after one was destroyed.
 * @param about a machine of the project, which itself is not told
 */
export async function tellNeighbours(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  about: string | { readonly project: string | undefined },
  open: (id: string) => Promise<Guest>,
): Promise<void> {
  const state = await readNetworkState(services.home);
  if (!state) return;
  const project = typeof about === 'string' ? state.members[about]?.project : about.project;
  const stale = (await staleMembers(services.home, state, project)).filter((id) => id !== about);
  const told = await Promise.all(
    stale.map(async (id) => ((await tellMember(services, state, id, open)) ? [id] : [])),
  );
  if (stale.length > 0) await noteNames(services.home, state, told.flat());
}

/** Writes down what machines were told. @returns the state as it is now */
function noteNames(home: string, told: NetworkState, ids: readonly string[]): Promise<NetworkState> {
  return withNetworks(home, async (current, write) => {
    const members = { ...current.members };
    for (const id of ids) {
      const member = members[id];
      if (member) members[id] = { ...member, namesWritten: namesFor(told, id) };
    }
    const changed = { ...current, members };
    await write(changed);
    return changed;
  });
}

async function noteOnHost(services: Pick<MachineServices, 'home' | 'emit'>, name: string): Promise<void> {
  const unwritten = await withNetworks(services.home, (state) => updateHostNames(services.home, state));
  if (unwritten === undefined) return;
  const lines = unwritten.split('\n').join(', ');
  tell(services, name, `its names could not be added to /etc/hosts; as root, add there: ${lines}`);
}

async function runScript(
  services: Pick<MachineServices, 'emit' | 'signal'>,
  name: string,
  guest: Guest,
  self: NetworkMember,
  names: string,
  cards: readonly CardRecord[],
): Promise<void> {
  const owns = self.cards.some(({ ownsHostname }) => ownsHostname);
  const words = [self.inMachine ? names : '-', owns ? '1' : '0', self.names[0]!, ...cards.flatMap(cardWords)];
  const said: string[] = [];
  const exit = await guest.exec({
    command: rootCommand(guestNetworkScript, ...words),
    onLine: (line) => said.push(line),
    signal: services.signal,
  });
  if (exit.kind !== 'exited' || exit.code !== 0) {
    throw new KilnError(
      exit.kind === 'disconnected' ? 'guest-disconnected' : 'step-failed',
      `the network of ${name} could not be configured: ${said.slice(-3).join('; ') || exit.kind}`,
      { hint: 'Kiln needs a login that is root, or may become it by sudo without a password' },
    );
  }
  for (const line of said) {
    const problem = /^problem (.+)$/.exec(line)?.[1];
    if (problem !== undefined) tell(services, name, problem);
  }
}

function cardWords({ mac, address, prefix = 24 }: CardRecord): readonly string[] {
  const netmask = address !== undefined && isIPv4(address) ? netmaskOf(prefix) : '-';
  const hex = createHash('sha256').update(mac).digest('hex');
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return [mac.toLowerCase(), address ?? 'dhcp', String(prefix), netmask, uuid.join('-')];
}

/** Running machines of the project whose list of names is not what it should be. */
async function staleMembers(
  home: string,
  state: NetworkState,
  project: string | undefined,
): Promise<string[]> {
  const stale: string[] = [];
  for (const [id, member] of Object.entries(state.members)) {
    if (member.project !== project || !member.inMachine) continue;
    // One that has never been written to is still coming up, and finds out by itself.
    if (member.namesWritten === undefined || member.namesWritten === namesFor(state, id)) continue;
    if ((await qemuProcess(machineFiles(home, id))) !== undefined) stale.push(id);
  }
  return stale;
}

/** True when it knows now. One that cannot be reached is told by its own next start. */
async function tellMember(
  services: Pick<MachineServices, 'emit' | 'signal'>,
  state: NetworkState,
  id: string,
  open: (id: string) => Promise<Guest>,
): Promise<boolean> {
  const member = state.members[id]!;
  try {
    const guest = await open(id);
    try {
      await runScript(services, member.name, guest, member, namesFor(state, id), []);
    } finally {
      await guest.close();
    }
    return true;
  } catch (error) {
    if (services.signal.aborted) throw error;
    tell(services, member.name, `does not know the names of new machines yet: ${messageOf(error)}`);
    return false;
  }
}
