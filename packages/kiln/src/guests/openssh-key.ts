import { type JsonWebKey, randomBytes } from 'node:crypto';

/*
 * Keys in OpenSSH's own form: the public line of authorized_keys (RFC 4253, section 6.6; RFC 5656; RFC 8709) and
 * the private file (PROTOCOL.key of OpenSSH). Made from Node's keys, because those that the ssh2 library makes
 * are refused by OpenSSH now and then.
 */

/** What a kind of key is called, and its numbers as they stand in the public and in the private form. */
interface KeyFields {
  readonly type: string;
  readonly publicFields: readonly Buffer[];
  readonly privateFields: readonly Buffer[];
}

/** @param key a private key of type RSA, EC (P-256, P-384, P-521) or Ed25519 */
export function openSshPublicLine(key: JsonWebKey, comment: string): string {
  const fields = fieldsOf(key);
  return `${fields.type} ${publicBlob(fields).toString('base64')} ${oneLine(comment)}`;
}

/** The unencrypted private file of the same kinds of keys. */
export function openSshPrivateFile(key: JsonWebKey, comment: string): string {
  const fields = fieldsOf(key);
  const check = randomBytes(4);
  const open = Buffer.concat([
    check,
    check,
    string(fields.type),
    ...fields.privateFields.map(string),
    string(oneLine(comment)),
  ]);
  // Padded with 1, 2, 3, … to whole blocks of the cipher; "none" counts as 8 bytes.
  const padding = Buffer.from(Array.from({ length: (8 - (open.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    Buffer.from([0, 0, 0, 1]),
    string(publicBlob(fields)),
    string(Buffer.concat([open, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g)!;
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

function publicBlob({ type, publicFields }: KeyFields): Buffer {
  return Buffer.concat([string(type), ...publicFields.map(string)]);
}

function fieldsOf(key: JsonWebKey): KeyFields {
  const bytes = (name: 'n' | 'e' | 'd' | 'p' | 'q' | 'qi' | 'x' | 'y') =>
    Buffer.from(key[name]!, 'base64url');
  const number = (name: Parameters<typeof bytes>[0]) => mpint(bytes(name));
  if (key.kty === 'RSA') {
    return {
      type: 'ssh-rsa',
      publicFields: [number('e'), number('n')],
      privateFields: [number('n'), number('e'), number('d'), number('qi'), number('p'), number('q')],
    };
  }
  if (key.kty === 'EC') {
    const curve = key.crv!.replace('P-', 'nistp');
    const point = Buffer.concat([Buffer.from([4]), bytes('x'), bytes('y')]);
    const publicFields = [Buffer.from(curve), point];
    return {
      type: `ecdsa-sha2-${curve}`,
      publicFields,
      privateFields: [...publicFields, number('d')],
    };
  }
  const publicKey = bytes('x');
  return {
    type: 'ssh-ed25519',
    publicFields: [publicKey],
    privateFields: [publicKey, Buffer.concat([bytes('d'), publicKey])],
  };
}

/** Length and bytes (RFC 4251, section 5). */
function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive number without needless zero bytes, but with one before a set sign bit (RFC 4251, section 5). */
function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return short.length > 0 && short[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short;
}

function oneLine(comment: string): string {
  return comment.replace(/\s+/g, ' ').trim();
}
