const form = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/**
 * The 16 bytes of a GUID as partition tables store it: the first three fields little-endian, the rest in
 * order (UEFI specification, appendix A).
 * @throws RangeError when the text is no GUID
 */
export function guidBytes(text: string): Uint8Array {
  const match = form.exec(text);
  if (!match)
    throw new RangeError(`"${text}" is not a GUID of the form 01234567-89ab-cdef-0123-456789abcdef`);
  const [, first, second, third, fourth, fifth] = match;
  return Uint8Array.from([
    ...hexBytes(first!).reverse(),
    ...hexBytes(second!).reverse(),
    ...hexBytes(third!).reverse(),
    ...hexBytes(fourth!),
    ...hexBytes(fifth!),
  ]);
}

function hexBytes(hex: string): number[] {
  return hex.match(/../g)!.map((pair) => Number.parseInt(pair, 16));
}

/** The other way round: lower-case text of the GUID in 16 bytes from `at` on. */
export function guidText(bytes: Uint8Array, at = 0): string {
  const hex = (from: number, to: number) => Buffer.from(bytes.slice(at + from, at + to));
  return [hex(0, 4).reverse(), hex(4, 6).reverse(), hex(6, 8).reverse(), hex(8, 10), hex(10, 16)]
    .map((part) => part.toString('hex'))
    .join('-');
}
