/** Splits a device number of stat(2) as Linux's C libraries do: 12 and 20 bits that lie between each other. */
export function deviceNumbers(device: number): { readonly major: number; readonly minor: number } {
  const low = device % 2 ** 32;
  const high = Math.floor(device / 2 ** 32);
  return {
    major: ((low >>> 8) & 0xfff) | (high & ~0xfff),
    minor: ((low & 0xff) | ((low >>> 12) & 0xfff00)) + (high & 0xfff) * 2 ** 20,
  };
}
