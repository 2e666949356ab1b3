import type { FoundInText } from './found-in-text.ts';

/** Every private key in text has one of these; to be looked for before anything else, since it is quick. */
export const privateKeyMarks = [
  'PRIVATE KEY',
  'AGE-SECRET-KEY-',
  'PuTTY-User-Key-File-',
  'secret key',
  'Static key V1',
] as const;

/** How much may stand between a key's first line and its first full line of base64: headers of old formats. */
const headersLength = 2000;

/** Names for the words before `PRIVATE KEY`. */
const kinds: Readonly<Record<string, string>> = {
  '': 'a private key',
  RSA: 'an RSA private key',
  DSA: 'a DSA private key',
  EC: 'an elliptic-curve private key',
  OPENSSH: 'an OpenSSH private key',
  ENCRYPTED: 'an encrypted private key',
  PGP: 'an OpenPGP private key',
  'SSH2 ENCRYPTED': 'an SSH2 private key',
};

/**
 * Private keys in a text. The words alone are no key: programs and manuals have them; what follows must be the key's
 * base64, which may stand in a JSON string or be indented.
 */
export function findPrivateKeys(text: string): FoundInText[] {
  const found: FoundInText[] = [];
  for (const match of text.matchAll(/-----? ?BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY(?: BLOCK)? ?-----?/g)) {
    if (!hasKeyBehind(text, match.index + match[0].length)) continue;
    const words = match[1]!.trim();
    found.push({ kind: 'private-key', what: kinds[words] ?? `a private key (${words})`, at: match.index });
  }
  for (const match of text.matchAll(
    /^PuTTY-User-Key-File-\d: .*(?:\r?\n.*){1,200}?\r?\nPrivate-Lines: [1-9]/gm,
  ))
    found.push({ kind: 'private-key', what: 'a PuTTY private key', at: match.index });
  for (const match of text.matchAll(/\bAGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{50,}/g))
    found.push({ kind: 'private-key', what: 'an age private key', at: match.index });
  for (const match of text.matchAll(/^untrusted comment: .*secret key.*\n[A-Za-z0-9+/=]{60,}/gm))
    found.push({ kind: 'private-key', what: 'a minisign or signify private key', at: match.index });
  for (const match of text.matchAll(/-----BEGIN OpenVPN Static key V1-----\s+[0-9a-f]{32}/g))
    found.push({ kind: 'private-key', what: 'an OpenVPN static key', at: match.index });
  return found;
}

function hasKeyBehind(text: string, at: number): boolean {
  const behind = text.slice(at, at + headersLength).replace(/\\[rn]/g, '\n');
  const end = behind.search(/-----? ?(?:END|BEGIN) /);
  const body = end < 0 ? behind : behind.slice(0, end);
  return body.split('\n').some((line) => /^[\s"'>|#+*-]*[A-Za-z0-9+/]{40,}={0,2}[\s"',\\]*$/.test(line));
}
