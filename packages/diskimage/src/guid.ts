import { uuidBytes, uuidText } from './uuid.ts';

/**
 * The 16 bytes of a GUID as partition tables store it: the first three fields little-endian, the rest in
 * order (UEFI specification, appendix A).
 * @throws RangeError when the text is no GUID
 */
export function guidBytes(text: string): Uint8Array {
  return swapFields(uuidBytes(text));
}

/** The other way round: lower-case text of the GUID in 16 bytes from `at` on. */
export function guidText(bytes: Uint8Array, at = 0): string {
  // A copy: slice() of a Buffer would share its memory.
  return uuidText(swapFields(Uint8Array.from(bytes.subarray(at, at + 16))));
}

/** Turns the first three fields around, in place. */
function swapFields(bytes: Uint8Array): Uint8Array {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
