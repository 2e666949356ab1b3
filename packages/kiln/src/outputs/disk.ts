import { KilnError } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { DiskOutput } from '../plan/output.ts';
import { inspectDisk } from '../store/disk-file.ts';
import { compressionFault, writeDiskFile } from '../store/write-disk.ts';
import { filesArtifact } from './files-artifact.ts';
import { localPath } from './local-path.ts';
import type { OutputContext, OutputResult } from './output-context.ts';
import { writeResult } from './write-result.ts';

/**
 * Writes the artifact's disk as one flat file. A file that is there already is replaced, as with a compiler's output.
 * @throws KilnError `output-failed` when there is no disk, `unsupported`, `tool-missing`, `tool-failed`, `disk-full`
 */
export async function runDiskOutput(
  output: DiskOutput,
  input: Artifact,
  context: OutputContext,
): Promise<OutputResult> {
  const fault = output.compress ? compressionFault(output.format) : undefined;
  if (fault !== undefined) {
    throw new KilnError('unsupported', fault, {
      hint: 'leave out compress, or choose qcow2 or vmdk; a compress output after it packs any file',
    });
  }
  const disk = await diskOf(input, context);
  const name = context.render(output.path, {
    BuildName: context.build.name,
    BuilderType: context.build.type,
  });
  const path = localPath(name, context);
  if (path === disk.path) {
    throw new KilnError('output-failed', `${name} cannot be converted into itself`, {
      hint: 'give the disk output another path',
    });
  }
  const label = `writing ${name}`;
  await writeResult(path, context, async (temporary) => {
    await writeDiskFile({
      from: disk,
      to: temporary,
      format: output.format,
      compress: output.compress,
      name: context.build.name,
      time: input.disk?.time ?? Math.floor(Date.now() / 1000),
      run: context.run,
      signal: context.signal,
      onProgress: (part) =>
        context.emit({
          kind: 'progress',
          build: context.build.name,
          label,
          done: Math.round(part * 100),
          total: 100,
          unit: 'items',
        }),
    });
  });
  const artifact = filesArtifact({
    builderId: 'kiln.disk',
    description: `${output.format} disk ${name}`,
    files: [name],
    folder: context.folder,
  });
  return { artifact, keepInput: true, keepIsForced: false };
}

/** The artifact's disk: the one its maker names, else its only file if that is a disk that may be opened. */
export async function diskOf(
  input: Artifact,
  context: OutputContext,
): Promise<{ path: string; format: string }> {
  if (input.disk) return { path: localPath(input.disk.path, context), format: input.disk.format };
  const [only, ...more] = input.files;
  if (only === undefined || more.length > 0) {
    throw new KilnError('output-failed', `there is no disk to write: ${input.description}`, {
      hint: 'a disk output goes after a build of a machine',
    });
  }
  const path = localPath(only, context);
  const { format } = await inspectDisk(path, context.signal);
  return { path, format: format === 'iso' ? 'raw' : format };
}
