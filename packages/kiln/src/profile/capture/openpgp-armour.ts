/** ASCII armour of OpenPGP public keys: RFC 9580, section 6. */
const header = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const footer = '-----END PGP PUBLIC KEY BLOCK-----';

export function isArmoured(text: string): boolean {
  return text.includes(header) && text.includes(footer);
}

/** A binary key, as apt's keyrings are, in the form in which it can stand in a text. Undefined for what is no key. */
export function armourKey(bytes: Uint8Array): string | undefined {
  // The tag of a public key packet, in the old or the new format (RFC 9580, 4.2).
  const tag = bytes[0] ?? 0;
  const isKey =
    (tag & 0xc0) === 0xc0 ? (tag & 0x3f) === 6 : (tag & 0x80) === 0x80 && ((tag >> 2) & 0xf) === 6;
  if (!isKey) return undefined;
  const body =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const sum = Buffer.alloc(3);
  sum.writeUIntBE(crc24(bytes), 0, 3);
  return `${[header, '', ...body, `=${sum.toString('base64')}`, footer].join('\n')}\n`;
}

/** RFC 9580, 6.1.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}
