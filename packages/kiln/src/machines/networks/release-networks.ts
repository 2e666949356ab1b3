import { isAlive } from '../../base/processes.ts';
import { machineFiles, qemuProcess, readRecord } from '../machine-record.ts';
import { bridgeName, type OwnLink, ownLinks, passFilter, removeLink } from './host-links.ts';
import { updateHostNames } from './host-names.ts';
import { type NetworkMember, type NetworkState, readNetworkState, withNetworks } from './network-state.ts';

/**
 * Takes the host's devices of a machine that is off away, and those of networks that have no running machine any more.
 * @param options.forget the machine is gone for good, with its addresses and names
 */
export async function releaseNetworks(
  home: string,
  machine: string,
  options: { readonly forget: boolean },
): Promise<void> {
  const known = await readNetworkState(home);
  if (known?.members[machine] === undefined) return;
  await withNetworks(home, async (state, write) => {
    const members = { ...state.members };
    if (options.forget) delete members[machine];
    await tidy(home, { ...state, members }, write, machine);
  });
}

/**
 * Removes devices whose machines are dead and whose commands were killed. Cheap when there are none, and nothing that
 * Kiln has not made for this store is touched.
 */
export async function sweepNetworks(home: string): Promise<void> {
  if ((await readNetworkState(home)) === undefined) return;
  const links = await ownLinks(home);
  if (links.length === 0) return;
  const before = await readNetworkState(home);
  const alive = await aliveMembers(home, before?.members ?? {});
  if (before && links.every((link) => isNeeded(link, before, alive))) return;
  await withNetworks(home, (state, write) => tidy(home, state, write));
}

/** @param dead a machine that is off, whatever its record says */
async function tidy(
  home: string,
  state: NetworkState,
  write: (changed: NetworkState) => Promise<void>,
  dead?: string,
): Promise<void> {
  const members: Record<string, NetworkMember> = {};
  const alive = await aliveMembers(home, state.members, dead);
  for (const [id, member] of Object.entries(state.members)) {
    if (alive.has(id) || (await readRecord(home, id)) !== undefined) members[id] = member;
  }
  const used = new Set(
    Object.values(members).flatMap(({ cards }) =>
      cards.flatMap(({ on }) => ('network' in on ? [on.network] : [])),
    ),
  );
  const networks = Object.fromEntries(Object.entries(state.networks).filter(([key]) => used.has(key)));
  const kept: NetworkState = { schema: 1, networks, members };
  const links = (await ownLinks(home)).filter((link) => !isNeeded(link, kept, alive));
  for (const { device } of links.filter(({ kind }) => kind === 'tap')) await removeLink(device);
  for (const { device } of links.filter(({ kind }) => kind === 'bridge')) {
    await passFilter(device, false);
    await removeLink(device);
  }
  await write(kept);
  await updateHostNames(home, kept);
}

/** Machines that run, or that a living command is about to start. */
async function aliveMembers(
  home: string,
  members: NetworkState['members'],
  dead?: string,
): Promise<ReadonlySet<string>> {
  const alive = new Set<string>();
  for (const [id, { preparer }] of Object.entries(members)) {
    if (id === dead) continue;
    const isComing = preparer !== undefined && isAlive(preparer);
    if (isComing || (await qemuProcess(machineFiles(home, id))) !== undefined) alive.add(id);
  }
  return alive;
}

function isNeeded(link: OwnLink, state: NetworkState, alive: ReadonlySet<string>): boolean {
  return [...alive].some((id) =>
    (state.members[id]?.cards ?? []).some((card) => {
      if (card.link.kind !== 'tap') return false;
      if (link.kind === 'tap') return card.link.device === link.device;
      return 'network' in card.on && bridgeName(state.networks[card.on.network]?.id ?? '') === link.device;
    }),
  );
}
