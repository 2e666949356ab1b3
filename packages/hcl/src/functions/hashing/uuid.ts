import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { nodeModules } from '../support/node-modules.ts';

export const uuidv4: HclFunction = {
  name: 'uuidv4',
  description: 'A random UUID, another one at each call.',
  parameters: [],
  examples: [{ call: 'length(uuidv4())', gives: '36' }],
  impure: true,
  resultType: () => stringType,
  call: () => stringValue(nodeModules.crypto.randomUUID()),
};

/** https://www.rfc-editor.org/rfc/rfc9562#section-6.6 */
const namespaces: Readonly<Record<string, string>> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};

export const uuidv5: HclFunction = {
  name: 'uuidv5',
  description: 'The UUID of a name in a namespace, which is `dns`, `url`, `oid`, `x500` or a UUID.',
  parameters: [
    { name: 'namespace', type: stringType },
    { name: 'name', type: stringType },
  ],
  examples: [{ call: 'uuidv5("dns", "www.example.com")', gives: '"2ed6657d-e927-568b-95e1-2665a8aea6a2"' }],
  resultType: () => stringType,
  call: ([namespace, name]) => {
    const hash = nodeModules.crypto
      .createHash('sha1')
      .update(namespaceBytes(textOf(namespace)))
      .update(textOf(name), 'utf8');
    return stringValue(uuidOf(hash.digest().subarray(0, 16)));
  },
};

/** A UUID may be written plainly, as a URN, in braces, or without hyphens. */
const uuidPattern = /^(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;
const bracedPattern = /^\{(.{36})\}$/;

function namespaceBytes(namespace: string): Buffer {
  const known = Object.hasOwn(namespaces, namespace) ? namespaces[namespace]! : namespace;
  const plain = bracedPattern.exec(known)?.[1] ?? known;
  const hex = uuidPattern.exec(plain)?.slice(1).join('') ?? plain;
  if (!/^[0-9a-f]{32}$/i.test(hex)) {
    throw new FunctionError(`The namespace must be dns, url, oid, x500 or a UUID, not "${namespace}".`, 0);
  }
  return Buffer.from(hex, 'hex');
}

function uuidOf(bytes: Buffer): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
