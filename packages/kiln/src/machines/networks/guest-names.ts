import type { CardRecord, NetworkMember, NetworkState } from './network-state.ts';

/**
 * What a machine's list of names (hosts(5)) is to say of the others: the machines of its project that are in a network
 * with it, and those that it was told of besides.
 */
export function namesFor(state: NetworkState, id: string): string {
  const self = state.members[id];
  if (!self) return '';
  const lines: string[] = [];
  for (const [otherId, other] of Object.entries(state.members).sort(byName)) {
    if (other.project !== self.project) continue;
    const card = otherId === id ? ownCard(self) : sharedCard(self, other);
    if (!card?.address) continue;
    // Its host name is its own already, by the loopback address, where no card is to have it.
    const names = otherId === id && !card.ownsHostname ? aliasesOf(other.names) : other.names;
    if (names.length > 0) lines.push(`${card.address} ${names.join(' ')}`);
  }
  for (const { address, names } of self.others) lines.push(`${address} ${names.join(' ')}`);
  return lines.filter(isNameLine).join('\n');
}

function aliasesOf(names: readonly string[]): readonly string[] {
  const [hostname = ''] = names;
  return names.filter((name) => name !== hostname && name !== hostname.split('.')[0]);
}

function byName([, one]: [string, NetworkMember], [, other]: [string, NetworkMember]): number {
  return one.name < other.name ? -1 : 1;
}

function ownCard({ cards }: NetworkMember): CardRecord | undefined {
  return cards.find((one) => one.ownsHostname) ?? cards.find((one) => one.address !== undefined);
}

function sharedCard(self: NetworkMember, other: NetworkMember): CardRecord | undefined {
  const shared = other.cards.filter(({ on }) =>
    self.cards.some((own) => JSON.stringify(own.on) === JSON.stringify(on)),
  );
  return shared.find((one) => one.ownsHostname) ?? shared.find((one) => one.address !== undefined);
}

/** A line of its own for each: a name with anything else in it could be a line of somebody's choosing. */
export function isNameLine(line: string): boolean {
  return /^[0-9A-Fa-f.:]+(?: [A-Za-z0-9._-]+)+$/.test(line);
}
