import { KilnError } from '../base/errors.ts';
import type { Checksum } from './image-ref.ts';

export type ChecksumAlgorithm = Extract<Checksum, { kind: 'digest' }>['algorithm'];

const lengths: Readonly<Record<ChecksumAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/** Packer's, and so those that templates may name. Boxes have sha384 too. */
const inTemplates: readonly string[] = ['md5', 'sha1', 'sha256', 'sha512'];

/** True when `hex` could be a digest of that kind. */
export function fitsAlgorithm(algorithm: string, hex: string): algorithm is ChecksumAlgorithm {
  return (
    Object.hasOwn(lengths, algorithm) &&
    lengths[algorithm as ChecksumAlgorithm] === hex.length &&
    /^[0-9a-f]+$/i.test(hex)
  );
}

/** The algorithm whose digests have this many hex digits. */
export function algorithmOfLength(digits: number): ChecksumAlgorithm | undefined {
  return (Object.keys(lengths) as ChecksumAlgorithm[]).find(
    (algorithm) => isAlgorithm(algorithm) && lengths[algorithm] === digits,
  );
}

/**
 * Reads a checksum in any of the forms that Packer's `iso_checksum` has: `none`, bare hex digits (their number
 * tells the algorithm), `md5:` `sha1:` `sha256:` `sha512:` with hex digits, or `file:` with the URL or path of
 * a checksum file. An empty text is no checksum at all and refused.
 * @throws KilnError `template-invalid`
 */
export function parseChecksum(text: string): Checksum {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'none') return { kind: 'none' };
  const [, prefix, rest] = /^([A-Za-z0-9]+):(.*)$/s.exec(trimmed) ?? [undefined, undefined, trimmed];
  if (prefix?.toLowerCase() === 'file') {
    if (rest) return { kind: 'from', location: rest };
    throw invalid(text, 'write the URL or path of the checksum file after file:');
  }
  if (!/^[0-9a-fA-F]+$/.test(rest ?? '')) {
    throw invalid(
      text,
      'write none, sha256: and the hexadecimal digest, or file: and the URL of a checksum file',
    );
  }
  const hex = rest!.toLowerCase();
  if (prefix === undefined) {
    const algorithm = algorithmOfLength(hex.length);
    if (algorithm) return { kind: 'digest', algorithm, hex };
    throw invalid(
      text,
      'a digest has 32 (MD5), 40 (SHA-1), 64 (SHA-256) or 128 (SHA-512) hexadecimal digits',
    );
  }
  const algorithm = prefix.toLowerCase();
  if (!isAlgorithm(algorithm)) throw invalid(text, `${prefix} is not one of md5, sha1, sha256, sha512`);
  if (hex.length !== lengths[algorithm])
    throw invalid(text, `${algorithm} has ${lengths[algorithm]} hexadecimal digits, not ${hex.length}`);
  return { kind: 'digest', algorithm, hex };
}

function isAlgorithm(text: string): text is ChecksumAlgorithm {
  return inTemplates.includes(text);
}

function invalid(text: string, hint: string): KilnError {
  return new KilnError('template-invalid', `"${text}" is not a checksum`, { hint });
}
