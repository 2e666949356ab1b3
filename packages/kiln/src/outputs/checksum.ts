import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { throwIfCancelled } from '../base/cancellation.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { exists, translateFull, writeFileAtomically } from '../base/files.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { ChecksumOutput } from '../plan/output.ts';
import { filesArtifact } from './files-artifact.ts';
import { displayPath, localPath } from './local-path.ts';
import type { OutputContext, OutputResult } from './output-context.ts';
import { makeFolder } from './write-result.ts';

/** Packer's name for checksum files. */
export const checksumOutputDefault = 'packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum';

/**
 * Writes lines of `<hex><tab><file's name>`, one for each file and type, at the end of the files that `output`
 * names. The new artifact has the files that came in and the checksum files that were not there before. Nothing is
 * written before everything is hashed. With `sumFile` the files are written anew, as `sha256sum` would, and the
 * artifact goes on as it came.
 * @throws KilnError `file-missing`, `cancelled`, `disk-full`
 */
export async function runChecksumOutput(
  output: ChecksumOutput,
  input: Artifact,
  context: OutputContext,
): Promise<OutputResult> {
  const digests = new Map<string, ReadonlyMap<string, string>>();
  for (const file of input.files) digests.set(file, await digestsOf(file, output.types, context));

  const texts = new Map<string, string>();
  for (const type of output.types) {
    for (const file of input.files) {
      const target = context.render(output.output, {
        BuildName: context.build.name,
        BuilderType: context.build.type,
        ChecksumType: type,
      });
      const gap = output.sumFile ? '  ' : '\t';
      const line = `${digests.get(file)!.get(type)!}${gap}${basename(file)}\n`;
      texts.set(target, (texts.get(target) ?? '') + line);
    }
  }

  if (output.sumFile) {
    for (const [target, text] of texts) await replaceFile(target, text, context);
    context.say(`Wrote ${[...texts.keys()].map((target) => displayPath(target, context)).join(', ')}`);
    return { artifact: input, keepInput: true, keepIsForced: true };
  }
  const made: string[] = [];
  for (const [target, text] of texts) {
    if (await addLines(target, text, context)) made.push(target);
  }
  const artifact = filesArtifact({
    builderId: 'packer.post-processor.checksum',
    description: `checksums in ${[...texts.keys()].join(', ') || 'no file'}`,
    files: [...input.files, ...made],
    // The files that came in belong to their own artifact, which the keep rule looks after.
    own: made,
    folder: context.folder,
  });
  return { artifact, keepInput: true, keepIsForced: true };
}

/** All digests in one reading. */
async function digestsOf(
  file: string,
  types: ChecksumOutput['types'],
  context: OutputContext,
): Promise<ReadonlyMap<string, string>> {
  const path = localPath(file, context);
  const hashes = types.map((type) => [type, createHash(type)] as const);
  const label = `hashing ${basename(file)}`;
  let done = 0;
  try {
    const total = (await stat(path)).size;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      throwIfCancelled(context.signal);
      for (const [, hash] of hashes) hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      const { name: build } = context.build;
      context.emit({ kind: 'progress', build, label, done, total, unit: 'bytes' });
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES')) {
      throw new KilnError('file-missing', `the checksum of ${file} cannot be made: it cannot be read`, {
        cause: error,
      });
    }
    throw error;
  }
  return new Map(hashes.map(([type, hash]) => [type, hash.digest('hex')]));
}

async function replaceFile(target: string, text: string, context: OutputContext): Promise<void> {
  throwIfCancelled(context.signal);
  const path = localPath(target, context);
  await makeFolder(dirname(path));
  await writeFileAtomically(path, text);
}

/** One write at the file's end, so that builds side by side do not mix their lines. True when the file is new. */
async function addLines(target: string, text: string, context: OutputContext): Promise<boolean> {
  throwIfCancelled(context.signal);
  const path = localPath(target, context);
  const isNew = !(await exists(path));
  await makeFolder(dirname(path));
  try {
    if (isNew) context.ownPath(path);
    await appendFile(path, text);
    if (isNew) context.disownPath(path);
  } catch (error) {
    throw translateFull(error, path);
  }
  return isNew;
}
