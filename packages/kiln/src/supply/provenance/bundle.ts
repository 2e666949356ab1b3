import { type Envelope, parseEnvelope } from '../signing/envelope.ts';

/*
 * A bundle is a file with one envelope a line (in-toto/attestation, spec/v1/bundle.md). It is not signed as a whole:
 * lines may be missing, and others be there that mean nothing.
 */

export const bundleEnding = '.intoto.jsonl';

export function bundleText(envelopes: readonly Envelope[]): string {
  return envelopes.map((envelope) => `${JSON.stringify(envelope)}\n`).join('');
}

export function parseBundle(text: string): Envelope[] {
  return text
    .split('\n')
    .map(parseEnvelope)
    .filter((envelope) => envelope !== undefined);
}
