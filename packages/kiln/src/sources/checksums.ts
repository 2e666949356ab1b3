import { KilnError } from '../base/errors.ts';
import { algorithmOfLength, parseChecksum } from '../plan/checksum.ts';
import type { Checksum } from '../plan/image-ref.ts';

export type DigestChecksum = Extract<Checksum, { kind: 'digest' }>;

/**
 * Finds a file's line in a checksum file. Understood are the lines of GNU's md5sum and sha…sum (`HEX  name`,
 * `HEX *name`), of BSD's tools (`SHA256 (name) = HEX`), and a digest that stands alone, which is for any file.
 * @param names the names the file may have there, such as its base name
 * @throws KilnError `checksum-mismatch` when no line is for the file
 */
export function findChecksum(text: string, names: readonly string[], location: string): DigestChecksum {
  const others: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const entry = parseLine(line);
    if (!entry) continue;
    const { name, checksum } = entry;
    if (name === undefined || names.includes(name.replace(/^\.\//, ''))) return checksum;
    others.push(name);
  }
  throw new KilnError('checksum-mismatch', `${location} has no checksum for ${names[0]}`, {
    hint:
      others.length > 0
        ? `it has some for ${others.slice(0, 5).join(', ')}${others.length > 5 ? ' …' : ''}`
        : 'it does not look like a checksum file',
  });
}

function parseLine(
  line: string,
): { readonly name: string | undefined; readonly checksum: DigestChecksum } | undefined {
  const bsd = /^\s*([A-Za-z0-9]+)\s*\((.+)\)\s*=\s*([0-9a-fA-F]+)\s*$/.exec(line);
  if (bsd) {
    const checksum = digestOrNothing(`${bsd[1]}:${bsd[3]}`);
    return checksum && { name: bsd[2], checksum };
  }
  // GNU starts a line with a backslash when it had to escape the name; the marks * ? ^ tell the reading mode.
  const gnu = /^\s*(\\?)([0-9a-fA-F]{32,128})(?:\s+[*?^]?(.*?))?\s*$/.exec(line);
  if (!gnu || algorithmOfLength(gnu[2]!.length) === undefined) return undefined;
  const checksum = digestOrNothing(gnu[2]!);
  const name = gnu[1] ? gnu[3]?.replace(/\\([\\nr])/g, (_, mark: string) => escapes[mark]!) : gnu[3];
  return checksum && { name: name || undefined, checksum };
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' };

function digestOrNothing(text: string): DigestChecksum | undefined {
  try {
    const checksum = parseChecksum(text);
    return checksum.kind === 'digest' ? checksum : undefined;
  } catch (error) {
    if (error instanceof KilnError) return undefined;
    throw error;
  }
}

/** @throws KilnError `checksum-mismatch` with both digests */
export function compareDigest(expected: DigestChecksum, actual: string | undefined, what: string): void {
  if (actual === expected.hex) return;
  throw new KilnError(
    'checksum-mismatch',
    `${what} has the ${expected.algorithm} digest ${actual}, but ${expected.hex} was asked for`,
    { hint: 'the file was changed or damaged, or the checksum is for another version of it' },
  );
}
