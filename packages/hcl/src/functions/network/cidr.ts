import { listType, numberType, stringType } from '../../values/type.ts';
import { listValue, stringValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { numberOf, textOf, wholeNumberOf } from '../support/arguments.ts';
import { formatAddress, formatNetwork, type Network, parseNetwork } from './address.ts';

const prefix = { name: 'prefix', type: stringType };
/** By how much one call may lengthen a prefix, as in Packer. */
const maxNewBits = 32;

export const cidrhost: HclFunction = {
  name: 'cidrhost',
  description: 'The address of a host in a network, by its number; negative numbers count from the end.',
  parameters: [prefix, { name: 'hostnum', type: numberType }],
  examples: [
    { call: 'cidrhost("10.12.127.0/20", 16)', gives: '"10.12.112.16"' },
    { call: 'cidrhost("10.12.127.0/20", -1)', gives: '"10.12.127.255"' },
    { call: 'cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)', gives: '"fd00:fd12:3456:7890::22"' },
  ],
  resultType: () => stringType,
  call: ([value, hostnum]) => {
    const network = networkIn(value);
    const size = 1n << BigInt(network.bits - network.prefix);
    if (!numberOf(hostnum).isInteger) throw new FunctionError('The number must be whole.', 1);
    const number = numberOf(hostnum).toBigInt();
    if (number >= size || number < -size) {
      throw new FunctionError(`A network with a prefix of ${network.prefix} bits has no host ${number}.`, 1);
    }
    return stringValue(formatAddress(network.address + (number < 0n ? number + size : number), network.bits));
  },
};

export const cidrnetmask: HclFunction = {
  name: 'cidrnetmask',
  description: 'The mask of a network as an address.',
  parameters: [prefix],
  examples: [{ call: 'cidrnetmask("172.16.0.0/12")', gives: '"255.240.0.0"' }],
  resultType: () => stringType,
  call: ([value]) => {
    const { bits, prefix: length } = networkIn(value);
    const host = BigInt(bits - length);
    return stringValue(formatAddress((((1n << BigInt(bits)) - 1n) >> host) << host, bits));
  },
};

export const cidrsubnet: HclFunction = {
  name: 'cidrsubnet',
  description: 'A subnet of a network, whose prefix is that many bits longer, by its number.',
  parameters: [prefix, { name: 'newbits', type: numberType }, { name: 'netnum', type: numberType }],
  examples: [
    { call: 'cidrsubnet("172.16.0.0/12", 4, 2)', gives: '"172.18.0.0/16"' },
    { call: 'cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', gives: '"fd00:fd12:3456:7800:a200::/72"' },
  ],
  resultType: () => stringType,
  call: ([value, newbits, netnum]) => {
    const network = networkIn(value);
    const added = wholeNumberOf(newbits, 1);
    const number = wholeNumberOf(netnum, 2);
    if (added < 0) throw new FunctionError('The number of bits must not be negative.', 1);
    const length = longerPrefix(network, added, 1);
    if (number < 0 || BigInt(number) >= 1n << BigInt(added)) {
      throw new FunctionError(`${added} more bits make no subnet of the number ${number}.`, 2);
    }
    const address = network.address + (BigInt(number) << BigInt(network.bits - length));
    return stringValue(formatNetwork({ bits: network.bits, address, prefix: length }));
  },
};

export const cidrsubnets: HclFunction = {
  name: 'cidrsubnets',
  description: 'Subnets of a network one after the other, each with a prefix that is that many bits longer.',
  parameters: [prefix],
  rest: { name: 'newbits', type: numberType },
  examples: [
    {
      call: 'cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)',
      gives: '["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"]',
      loose: true,
    },
  ],
  resultType: () => listType(stringType),
  call: ([value, ...newbits]) => {
    const network = networkIn(value);
    const { bits } = network;
    const end = network.address + (1n << BigInt(bits - network.prefix));
    let next = network.address;
    const subnets = newbits.map((bit, index) => {
      const added = wholeNumberOf(bit, index + 1);
      if (added < 1) throw new FunctionError('The prefix must become longer by at least one bit.', index + 1);
      const length = longerPrefix(network, added, index + 1);
      const size = 1n << BigInt(bits - length);
      const address = ((next + size - 1n) / size) * size;
      if (address + size > end) {
        throw new FunctionError(
          `The network has no room left for a subnet with a prefix of ${length} bits.`,
          index + 1,
        );
      }
      next = address + size;
      return stringValue(formatNetwork({ bits, address, prefix: length }));
    });
    return listValue(stringType, subnets);
  },
};

function longerPrefix({ prefix: length, bits }: Network, added: number, argument: number): number {
  if (added > maxNewBits)
    throw new FunctionError(`At most ${maxNewBits} bits can be added in one call.`, argument);
  if (length + added > bits) {
    throw new FunctionError(
      `The prefix would have ${length + added} bits; an address has only ${bits}.`,
      argument,
    );
  }
  return length + added;
}

function networkIn(value: Value | undefined): Network {
  const network = parseNetwork(textOf(value));
  if (network) return network;
  throw new FunctionError(
    `"${textOf(value)}" is not a network; it must look like 10.0.0.0/8 or fd00::/16.`,
    0,
  );
}
