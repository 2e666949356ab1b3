import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { bits, der, integer, octets, oid, pem, sequence, set, tagged, time, truth, utf8 } from './der.ts';

/** PEM texts. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** The common name. */
  readonly name: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Makes a key and a certificate by which it signs those of servers (RFC 5280; ECDSA with P-256). */
export function makeAuthority(request: CertificateRequest): CertifiedKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = certificate({
    ...request,
    publicKey,
    issuer: { name: request.name, privateKey, publicKey },
    extensions: [
      extension('2.5.29.19', true, sequence(truth(), integer(Buffer.from([0])))),
      // keyCertSign and cRLSign.
      extension('2.5.29.15', true, bits(Buffer.from([0b0000_0110]), 1)),
    ],
  });
  return { cert, key: exported(privateKey) };
}

/**
 * Makes a key and a certificate of a server.
 * @param names host names and addresses that it has
 */
export function makeServerCertificate(
  request: CertificateRequest & { readonly names: readonly string[] },
  authority: CertifiedKey & { readonly name: string },
): CertifiedKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKey = createPrivateKey(authority.key);
  const cert = certificate({
    ...request,
    publicKey,
    issuer: { name: authority.name, privateKey: signingKey, publicKey: createPublicKey(signingKey) },
    extensions: [
      extension('2.5.29.19', true, sequence()),
      // digitalSignature.
      extension('2.5.29.15', true, bits(Buffer.from([0b1000_0000]), 7)),
      // serverAuth.
      extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', false, sequence(...request.names.map(alternativeName))),
    ],
  });
  return { cert, key: exported(privateKey) };
}

interface Contents extends CertificateRequest {
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly extensions: readonly Buffer[];
}

function certificate({ name, notBefore, notAfter, publicKey, issuer, extensions }: Contents): string {
  const serial = randomBytes(16);
  // Without zeros in front, so that it is always of the same length.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const signature = sequence(oid('1.2.840.10045.4.3.2'));
  const contents = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    signature,
    commonName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', false, octets(keyId(publicKey))),
        extension('2.5.29.35', false, sequence(der(0x80, keyId(issuer.publicKey)))),
      ),
    ),
  );
  const signed = sign('sha256', contents, issuer.privateKey);
  return pem('CERTIFICATE', sequence(contents, signature, bits(signed)));
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(name))));
}

function extension(id: string, isCritical: boolean, content: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [truth()] : []), octets(content));
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function alternativeName(name: string): Buffer {
  const address = addressBytes(name);
  return address ? der(0x87, address) : der(0x82, Buffer.from(name, 'latin1'));
}

/** The bytes of an IPv4 or IPv6 address; undefined for a name. */
function addressBytes(text: string): Buffer | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return Buffer.from(text.split('.').map(Number));
  if (!text.includes(':')) return undefined;
  const [head = '', tail] = text.split('::');
  const words = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const [front, back] = [words(head), tail === undefined ? [] : words(tail)];
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

function exported(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
