import { glob } from 'node:fs/promises';
import { KilnError } from '../base/errors.ts';
import { exists } from '../base/files.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { ArtificeOutput } from '../plan/output.ts';
import { filesArtifact } from './files-artifact.ts';
import { localPath } from './local-path.ts';
import type { OutputContext, OutputResult } from './output-context.ts';

/**
 * Puts files of the user's choice in the place of the artifact that comes in. Names may be patterns. Unlike with
 * Packer, one that matches nothing is an error: an empty artifact would only fail later, or silently ship nothing.
 * @throws KilnError `file-missing`, naming every entry that matches nothing
 */
export async function runArtificeOutput(
  output: ArtificeOutput,
  _input: Artifact,
  context: OutputContext,
): Promise<OutputResult> {
  const files: string[] = [];
  const missing: string[] = [];
  for (const entry of output.files) {
    const found = await filesOf(entry, context.folder);
    if (found.length === 0) missing.push(entry);
    files.push(...found.filter((file) => !files.includes(file)));
  }
  if (missing.length > 0) {
    throw new KilnError('file-missing', `no file matches ${missing.map((one) => `"${one}"`).join(', ')}`, {
      hint: `paths are relative to ${context.folder}`,
    });
  }
  const artifact = filesArtifact({
    builderId: 'packer.post-processor.artifice',
    description: `files ${files.join(', ')}`,
    files,
    folder: context.folder,
  });
  return { artifact, keepInput: true, keepIsForced: false };
}

async function filesOf(entry: string, folder: string): Promise<string[]> {
  if (await exists(localPath(entry, { folder }))) return [entry];
  const found: string[] = [];
  for await (const match of glob(entry, { cwd: folder })) found.push(match);
  return found.sort();
}
