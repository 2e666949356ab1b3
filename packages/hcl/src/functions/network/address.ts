import { nodeModules } from '../support/node-modules.ts';

/** A block of IP addresses. */
export interface Network {
  /** 32 or 128. */
  readonly bits: number;
  /** Its first address, as a number. */
  readonly address: bigint;
  /** Of how many bits all its addresses have in common. */
  readonly prefix: number;
}

/** The network of an address with a prefix length, such as `10.1.2.3/8`, or undefined. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([^/%]+)\/(\d{1,3})$/.exec(text);
  const address = match && parseAddress(match[1]!);
  if (!address) return undefined;
  const prefix = Number(match[2]);
  if (prefix > address.bits) return undefined;
  const hostBits = BigInt(address.bits - prefix);
  return { bits: address.bits, address: (address.value >> hostBits) << hostBits, prefix };
}

export function formatNetwork({ bits, address, prefix }: Network): string {
  return `${formatAddress(address, bits)}/${prefix}`;
}

function parseAddress(text: string): { readonly bits: number; readonly value: bigint } | undefined {
  const { isIPv4, isIPv6 } = nodeModules.net;
  if (isIPv4(text)) return { bits: 32, value: parseIPv4(text) };
  if (!isIPv6(text)) return undefined;
  // The last 32 bits may be written as an IPv4 address.
  const [, start, last] = /^(.*:)([^:]*)$/.exec(text)!;
  const tail = isIPv4(last!)
    ? [parseIPv4(last!) >> 16n, parseIPv4(last!) & 0xffffn].map((part) => part.toString(16)).join(':')
    : last;
  const [head, rest] = `${start}${tail}`.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const missing = rest ? 8 - head!.length - rest.length : 0;
  const parts = [...head!, ...Array<string>(missing).fill('0'), ...(rest ?? [])];
  return { bits: 128, value: parts.reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n) };
}

function parseIPv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** IPv6 in its shortest form: https://www.rfc-editor.org/rfc/rfc5952#section-4 */
export function formatAddress(address: bigint, bits: number): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.');
  const parts: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(((address >> shift) & 0xffffn).toString(16));
  const zeros = longestZeros(parts);
  if (!zeros) return parts.join(':');
  return `${parts.slice(0, zeros.start).join(':')}::${parts.slice(zeros.end).join(':')}`;
}

/** The first of the longest runs of at least two zeros. */
function longestZeros(
  parts: readonly string[],
): { readonly start: number; readonly end: number } | undefined {
  let longest: { readonly start: number; readonly end: number } | undefined;
  for (let start = 0; start < parts.length; start++) {
    let end = start;
    while (parts[end] === '0') end++;
    if (end - start > (longest ? longest.end - longest.start : 1)) longest = { start, end };
    if (end > start) start = end;
  }
  return longest;
}
