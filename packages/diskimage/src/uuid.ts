const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The 16 bytes of a UUID in the order they are written (RFC 9562, section 4), as everything but partition tables keeps it.
 * @throws RangeError when it is none
 */
export function uuidBytes(text: string): Uint8Array {
  if (!form.test(text))
    throw new RangeError(`"${text}" is not a UUID of the form 01234567-89ab-cdef-0123-456789abcdef`);
  return Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'));
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
