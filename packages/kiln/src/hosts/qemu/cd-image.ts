import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { copyInto, expandPaths, writeTexts } from './media-files.ts';
import { findProgram } from './programs.ts';

export interface CdContents {
  readonly files: readonly string[];
  readonly content: Readonly<Record<string, string>>;
  readonly label: string;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** Programs that write ISO 9660 images, with what to put before the common options. */
const writers: readonly (readonly [string, readonly string[]])[] = [
  ['xorriso', ['-as', 'genisoimage']],
  ['mkisofs', []],
  ['genisoimage', []],
];

export function findCdWriter(): { program: string; args: readonly string[] } | undefined {
  for (const [name, args] of writers) {
    const program = findProgram(name);
    if (program) return { program, args };
  }
  return undefined;
}

export function cdWriterMissing(): KilnError {
  return new KilnError('tool-missing', 'making a CD image needs xorriso, mkisofs or genisoimage', {
    hint: 'install one (Debian and Ubuntu: apt-get install xorriso)',
  });
}

/**
 * Makes an ISO image with Joliet and Rock Ridge names; folders go in as folders. Everything on it belongs to root and
 * can be read by all, whoever owned it here. Returns its path.
 * @throws KilnError `file-missing`, `tool-missing`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function makeCd(contents: CdContents): Promise<string> {
  const writer = findCdWriter();
  if (!writer) throw cdWriterMissing();
  const staging = join(contents.scratch, 'cd');
  const image = join(contents.scratch, 'cd.iso');
  await mkdir(staging, { mode: 0o700 });
  try {
    for (const path of await expandPaths('cd_files', contents.files)) await copyInto(staging, path);
    await writeTexts(staging, contents.content);
    const label = contents.label || 'packer';
    await runOrFail(
      writer.program,
      [...writer.args, '-quiet', '-r', '-joliet', '-volid', label, '-output', image, staging],
      { signal: contents.signal },
    );
    return image;
  } catch (error) {
    await rm(image, { force: true });
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
