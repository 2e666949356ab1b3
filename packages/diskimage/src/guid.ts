const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The 16 bytes of a GUID as partition tables store it: the first three fields little-endian, the rest in
 * order (UEFI specification, appendix A).
 * @throws RangeError when the text is no GUID
 */
export function guidBytes(text: string): Uint8Array {
  const bytes = uuidBytes(text);
  for (const [from, to] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ])
    bytes.subarray(from, to).reverse();
  return bytes;
}

/** The same bytes in the order of the text, as everything but partition tables stores them (RFC 9562, section 4). */
export function uuidBytes(text: string): Uint8Array {
  if (!form.test(text))
    throw new RangeError(`"${text}" is not a GUID of the form 01234567-89ab-cdef-0123-456789abcdef`);
  return Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'));
}

/** The other way round: lower-case text of the GUID in 16 bytes from `at` on. */
export function guidText(bytes: Uint8Array, at = 0): string {
  const hex = (from: number, to: number) => Buffer.from(bytes.slice(at + from, at + to));
  return [hex(0, 4).reverse(), hex(4, 6).reverse(), hex(6, 8).reverse(), hex(8, 10), hex(10, 16)]
    .map((part) => part.toString('hex'))
    .join('-');
}
