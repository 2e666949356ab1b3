/**
 * The hash that orders the names of an indexed directory: half MD4 over the name's bytes taken as signed, as mke2fs
 * sets it up on x86 (the kernel's fs/ext4/hash.c specifies it). The lowest bit is always clear.
 */
export function directoryHash(name: string, seed: readonly [number, number, number, number]): number {
  const state = Int32Array.from(seed.some((word) => word !== 0) ? seed : defaultState);
  for (let from = 0; from < name.length; from += 32) {
    fillWords(name, from);
    transform(state, words);
  }
  const hash = (state[1]! & ~1) >>> 0;
  return hash === endOfDirectory ? endOfDirectory - 2 : hash;
}

const defaultState = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;
/** Stands for the end when a directory is read in hash order, so no name may have it. */
const endOfDirectory = 0xfffffffe;
const words = new Int32Array(8);

/** The next 32 characters as words, filled up with the length of what is left of the name. */
function fillWords(name: string, from: number): void {
  const length = name.length - from;
  const byte = length & 0xff;
  const padding = byte | (byte << 8) | (byte << 16) | (byte << 24);
  const count = Math.min(length, 32);
  for (let word = 0; word < 8; word++) {
    let value = padding;
    const end = Math.min(count, word * 4 + 4);
    for (let at = word * 4; at < end; at++) value = ((name.charCodeAt(from + at) << 24) >> 24) + (value << 8);
    words[word] = value;
  }
}

const order = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [1, 3, 5, 7, 0, 2, 4, 6],
  [3, 7, 2, 6, 1, 5, 0, 4],
] as const;
const shifts = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
] as const;
const constants = [0, 0x5a827999, 0x6ed9eba1] as const;

function transform(state: Int32Array, input: Int32Array): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (let round = 0; round < 3; round++) {
    for (let step = 0; step < 8; step++) {
      const mixed = round === 0 ? d ^ (b & (c ^ d)) : round === 1 ? (b & c) + ((b ^ c) & d) : b ^ c ^ d;
      const sum = (a + mixed + input[order[round]![step]!]! + constants[round]!) | 0;
      const shift = shifts[round]![step & 3]!;
      const turned = (sum << shift) | (sum >>> (32 - shift));
      a = d;
      d = c;
      c = b;
      b = turned;
    }
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}
