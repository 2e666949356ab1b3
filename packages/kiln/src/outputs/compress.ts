import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfCancelled } from '../base/cancellation.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { CompressOutput } from '../plan/output.ts';
import { type Compression, startCompressor } from './compressor.ts';
import { filesArtifact } from './files-artifact.ts';
import { displayPath, localPath } from './local-path.ts';
import type { OutputContext, OutputResult } from './output-context.ts';
import { tarOf } from './tar-archive.ts';
import { writeResult } from './write-result.ts';
import { zipOf } from './zip-archive.ts';

/**
 * Packs the artifact's files into one archive, or compresses its only file. The input is not kept unless the template
 * says so, as in Packer.
 * @throws KilnError `output-failed`, `file-missing`, `tool-missing`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function runCompressOutput(
  output: CompressOutput,
  input: Artifact,
  context: OutputContext,
): Promise<OutputResult> {
  const name = context.render(output.output, {
    BuildName: context.build.name,
    BuilderType: context.build.type,
  });
  const path = localPath(name, context);
  if (input.files.some((file) => localPath(file, context) === path)) {
    throw new KilnError('output-failed', `${name} cannot be packed into itself`);
  }
  await checkFiles(output, input, context);
  context.say(`packing ${input.files.map((file) => basename(file)).join(', ')} into ${name}`);
  await writeResult(path, context, (temporary) => writeArchive(output, input, temporary, context));
  const artifact = filesArtifact({
    builderId: 'packer.post-processor.compress',
    description: `compressed artifact in ${name}`,
    files: [name],
    folder: context.folder,
  });
  return { artifact, keepInput: false, keepIsForced: false };
}

async function checkFiles(output: CompressOutput, input: Artifact, context: OutputContext): Promise<void> {
  if (!isArchive(output.format) && input.files.length !== 1) {
    throw new KilnError(
      'output-failed',
      `${output.format} holds one file, and the artifact has ${input.files.length}: ${input.files.join(', ')}`,
      { hint: 'pack them into a tar or zip archive, such as with the ending .tar.gz' },
    );
  }
  for (const file of input.files) {
    try {
      await stat(localPath(file, context));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
      throw new KilnError('file-missing', `${file} is to be packed and does not exist`, { cause: error });
    }
  }
}

async function writeArchive(
  output: CompressOutput,
  input: Artifact,
  temporary: string,
  context: OutputContext,
): Promise<void> {
  const { signal } = context;
  const compression = compressionOf(output.format);
  const compressor = compression && startCompressor(compression, output.level, context);
  const target = createWriteStream(temporary, { flags: 'wx', mode: 0o644 });
  const source = sourceOf(output, input, context);
  try {
    if (compressor) await pipeline(source, compressor.stream, target, { signal });
    else await pipeline(source, target, { signal });
    await compressor?.ended;
  } catch (error) {
    throwIfCancelled(signal);
    // The streams only say that the pipe broke; the program knows why.
    if (compressor && !(error instanceof KilnError)) await compressor.ended;
    throw error;
  }
}

function sourceOf(output: CompressOutput, input: Artifact, context: OutputContext): Readable {
  const paths = input.files.map((file) => localPath(file, context));
  if (output.format === 'zip') {
    const entries = input.files.map((file, index) => ({
      path: paths[index]!,
      name: displayPath(file, context).replace(/^\/+/, ''),
    }));
    return Readable.from(zipOf(entries, output.level, context.signal), { objectMode: false });
  }
  if (isArchive(output.format)) return tarOf(paths, context.signal);
  return createReadStream(paths[0]!, { highWaterMark: 1 << 20 });
}

function isArchive(format: CompressOutput['format']): boolean {
  return format === 'zip' || format.startsWith('tar');
}

function compressionOf(format: CompressOutput['format']): Compression | undefined {
  switch (format) {
    case 'tar':
    case 'zip':
      return undefined;
    case 'tar.gz':
    case 'gz':
      return 'gz';
    case 'tar.lz4':
    case 'lz4':
      return 'lz4';
    case 'tar.bz2':
    case 'bz2':
      return 'bz2';
    case 'tar.xz':
    case 'xz':
      return 'xz';
    case 'tar.zst':
    case 'zst':
      return 'zst';
  }
}
