import { isIPv4, isIPv6 } from 'node:net';

/** A range of addresses: those whose first `prefix` bits are those of `base`. */
export interface Subnet {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly prefix: number;
}

/** The value of an IPv4 or IPv6 address, without a zone; undefined for other texts. */
export function parseAddress(text: string): { readonly family: 4 | 6; readonly value: bigint } | undefined {
  if (isIPv4(text)) {
    return { family: 4, value: text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
  }
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const plain = dotted ? `${dotted[1]}${lastGroups(dotted[2]!)}` : text;
  const [head, tail] = plain.split('::');
  const left = groupsOf(head!);
  const right = groupsOf(tail ?? '');
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => 0n);
  return {
    family: 6,
    value: [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) | group, 0n),
  };
}

function groupsOf(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}

function lastGroups(dotted: string): string {
  const value = Number(parseAddress(dotted)!.value);
  return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
}

/** The subnet that an address is in. @param prefix 24 for IPv4 and 64 for IPv6 when not given */
export function subnetOf(address: string, prefix?: number): Subnet | undefined {
  const parsed = parseAddress(address);
  if (!parsed) return undefined;
  const { family, value } = parsed;
  const length = prefix ?? (family === 4 ? 24 : 64);
  const hostBits = BigInt((family === 4 ? 32 : 128) - length);
  return { family, base: (value >> hostBits) << hostBits, prefix: length };
}

/** From `192.168.60.0/24`. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, prefix] = text.split('/');
  return prefix === undefined ? undefined : subnetOf(address!, Number(prefix));
}

export function formatSubnet({ family, base, prefix }: Subnet): string {
  return `${formatAddress(family, base)}/${prefix}`;
}

export function contains(subnet: Subnet, address: string): boolean {
  const other = subnetOf(address, subnet.prefix);
  return other !== undefined && other.family === subnet.family && other.base === subnet.base;
}

export function overlap(one: Subnet, other: Subnet): boolean {
  if (one.family !== other.family) return false;
  const shift = BigInt((one.family === 4 ? 32 : 128) - Math.min(one.prefix, other.prefix));
  return one.base >> shift === other.base >> shift;
}

/** The address at a place of a subnet; 1 is the first that a machine may have. */
export function addressAt({ family, base }: Subnet, place: number): string {
  return formatAddress(family, base + BigInt(place));
}

/** How many places a subnet has for machines, at most 65 534. */
export function placesIn({ family, prefix }: Subnet): number {
  const bits = (family === 4 ? 32 : 128) - prefix;
  return bits >= 16 ? 65_534 : 2 ** bits - 2;
}

/** `255.255.255.0`, from 24. */
export function netmaskOf(prefix: number): string {
  return formatAddress(4, (0xffff_ffffn << BigInt(32 - prefix)) & 0xffff_ffffn);
}

export function formatAddress(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  ).join(':');
  // RFC 5952: the longest run of zeros, if it is one of two or more, is left out.
  const runs = [...groups.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)].map((match) => match[0]);
  const longest = runs.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return groups;
  const at = groups.search(new RegExp(`(?<=^|:)${longest}(?=:|$)`));
  const before = groups.slice(0, at).replace(/:$/, '');
  const after = groups.slice(at + longest.length).replace(/^:/, '');
  return `${before}::${after}`;
}
