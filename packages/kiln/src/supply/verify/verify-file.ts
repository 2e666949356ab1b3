import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { digestFile } from '../../base/files.ts';
import { bundleEnding } from '../provenance/bundle.ts';
import { sbomForms } from '../provenance/sbom-reference.ts';
import type { TrustedKey } from '../signing/trusted-keys.ts';
import { bad, type Check, good, note } from './check.ts';
import { checkAttestations } from './check-attestations.ts';

/** More than that is no bundle of statements. */
const largestBundle = 64 << 20;

/**
 * Looks whether a file is what the statements in `FILE.intoto.jsonl` say, and the documents beside it too.
 * @throws KilnError `file-missing` when there is no such file, `file-unsafe`
 */
export async function verifyFile(
  path: string,
  {
    trusted,
    onProgress,
  }: { readonly trusted: readonly TrustedKey[]; readonly onProgress?: (bytes: number) => void },
): Promise<Check[]> {
  const sha256 = await digestOf(path, onProgress);
  const bundle = await readIfThere(`${path}${bundleEnding}`);
  if (bundle === undefined) {
    return [
      bad(
        'provenance',
        `there is no ${path}${bundleEnding}: nobody says what the file should be`,
        'get it from where the file came, or import the file and verify the image',
      ),
    ];
  }
  const attested = checkAttestations({ sha256, bundle, trusted, mustBeSigned: true });
  const checks = [...attested.checks];
  if (attested.provenance)
    checks.unshift(good('disk', `the file is the one that was signed (sha256:${sha256.slice(0, 12)})`));
  if (checks.some(({ result }) => result === 'bad')) return checks.slice(0, 1);
  for (const { ending } of Object.values(sbomForms)) {
    const document = `${path}${ending}`;
    const name = basename(document);
    const digest = await digestIfThere(document);
    if (digest === undefined) continue;
    if (attested.documents.has(digest)) checks.push(good('sbom', `${name} is the one that was signed`));
    else checks.push(bad('sbom', `no trusted key has signed that ${name} is about this file`));
  }
  if (attested.documents.size > 0 && !checks.some(({ name }) => name === 'sbom'))
    checks.push(note('sbom', 'the bills of materials that were signed are not beside the file'));
  return checks;
}

async function digestOf(path: string, onProgress?: (bytes: number) => void): Promise<string> {
  try {
    return await digestFile(path, 'sha256', onProgress);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) throw error;
    throw new KilnError('file-missing', `${path} cannot be read (${error.code})`, {
      hint: 'name a file, or an image of the store',
    });
  }
}

async function digestIfThere(path: string): Promise<string | undefined> {
  try {
    return await digestFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EISDIR')) return undefined;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path);
    if (text.length <= largestBundle) return text.toString('utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  throw new KilnError('file-unsafe', `${path} is too large to be a bundle of statements`);
}
