import { BlockList, isIP } from 'node:net';

/**
 * Where templates may not reach: this host itself, its links, and networks that are not public
 * (https://www.iana.org/assignments/iana-ipv4-special-registry).
 */
const local = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  local.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  local.addSubnet(network, prefix, 'ipv6');
}

/** Private networks are where many keep their scripts; they are refused only when the service says so. */
const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv4');
}
privateNetworks.addSubnet('fc00::', 7, 'ipv6');

export interface AddressRules {
  /** `host` or `host:port` that may be reached whatever their addresses are. */
  readonly allowed: readonly string[];
  readonly refusePrivate: boolean;
}

/** Whether an address, as a resolver gives it, is one that templates may not reach. */
export function isForbidden(
  address: string,
  { refusePrivate }: Pick<AddressRules, 'refusePrivate'>,
): boolean {
  const plain = unmapped(address.replace(/^\[|\]$/g, '').replace(/%.*$/, ''));
  const family = isIP(plain);
  if (family === 0) return true;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  return local.check(plain, kind) || (refusePrivate && privateNetworks.check(plain, kind));
}

/** IPv4 inside of IPv6 (mapped, compatible, NAT64, 6to4), as IPv4. */
function unmapped(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = expand(address);
  const tail = (first: number) =>
    [groups[first]! >> 8, groups[first]! & 255, groups[first + 1]! >> 8, groups[first + 1]! & 255].join('.');
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  if (zeros(5) && groups[5] === 0xffff) return tail(6);
  if (zeros(6) && (groups[6] !== 0 || groups[7]! > 1)) return tail(6);
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return tail(6);
  if (groups[0] === 0x2002) return tail(1);
  return address;
}

function expand(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain = dotted
    ? `${dotted[1]}${(Number(dotted[2]) * 256 + Number(dotted[3])).toString(16)}:${(Number(dotted[4]) * 256 + Number(dotted[5])).toString(16)}`
    : address;
  const [head = '', rest] = plain.split('::');
  const parts = (half: string) =>
    half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [parts(head), parts(rest ?? '')];
  if (rest === undefined) return before;
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
