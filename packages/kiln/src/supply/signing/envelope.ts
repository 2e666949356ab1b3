import { verify } from 'node:crypto';
import type { PublicKey } from './public-key.ts';
import type { SigningKey } from './signing-key.ts';

/** A signed document: DSSE (secure-systems-lab/dsse, version 1.0.2), as in-toto wants it. */
export interface Envelope {
  /** Base64. */
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
}

export const statementType = 'application/vnd.in-toto+json';

/** What is signed in place of the payload alone, so that one kind of document cannot pass for another. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

export function signPayload(payloadType: string, payload: Uint8Array, key: SigningKey): Envelope {
  const sig = key.sign(preAuthenticationEncoding(payloadType, payload)).toString('base64');
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ keyid: key.public.id, sig }],
  };
}

/** The key that has signed the envelope, of those given; undefined when none has. */
export function signerOf(envelope: Envelope, keys: Iterable<PublicKey>): PublicKey | undefined {
  const bytes = preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64'));
  for (const key of keys)
    for (const { sig } of envelope.signatures)
      if (verify(null, bytes, key.key, Buffer.from(sig, 'base64'))) return key;
  return undefined;
}

/** The envelope that a line of a bundle is; undefined for everything else, which readers are to pass over. */
export function parseEnvelope(line: string): Envelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { payload, payloadType, signatures } = value as Record<string, unknown>;
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || !Array.isArray(signatures))
    return undefined;
  const signed = signatures.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { keyid, sig } = one as Record<string, unknown>;
    if (typeof sig !== 'string') return [];
    return [{ sig, ...(typeof keyid === 'string' && { keyid }) }];
  });
  return { payload, payloadType, signatures: signed };
}
