import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { withLock } from '../base/locks.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { ManifestOutput } from '../plan/output.ts';
import { goJson, goSortedKeys } from './go-json.ts';
import { displayPath, localPath } from './local-path.ts';
import type { OutputContext, OutputResult } from './output-context.ts';
import { makeFolder, writeResult } from './write-result.ts';

/** One build in a manifest, with Packer's names in Packer's order. */
interface ManifestBuild {
  readonly name: string;
  readonly builder_type: string;
  /** Seconds since 1970; left out when times are not wanted. */
  readonly build_time?: number;
  readonly files: readonly { readonly name: string; readonly size: number }[] | null;
  readonly artifact_id: string;
  readonly packer_run_uuid: string;
  readonly custom_data: Readonly<Record<string, string>> | null;
}

interface Manifest {
  readonly builds: readonly ManifestBuild[];
  readonly last_run_uuid: string;
}

/** How long another build, or another command, may keep the manifest. */
const lockWait = 60_000;

/**
 * Adds a build to a manifest file in the format of Packer's manifest post-processor. The artifact goes on as it
 * came. With `force`, what earlier commands wrote is dropped.
 * @throws KilnError `output-failed` when the file there is no manifest, `locked`, `disk-full`
 */
export async function runManifestOutput(
  output: ManifestOutput,
  input: Artifact,
  context: OutputContext,
): Promise<OutputResult> {
  const path = localPath(output.output, context);
  const build = await describeBuild(output, input, context);
  await makeFolder(dirname(path));
  const lock = { what: `the manifest ${output.output}`, wait: lockWait, signal: context.signal };
  await withLock(`${path}.lock`, lock, async () => {
    const before = await readManifest(path);
    const keep = !context.force || before.last_run_uuid === context.runUuid;
    const manifest: Manifest = {
      builds: [...(keep ? before.builds : []), build],
      last_run_uuid: context.runUuid,
    };
    await writeResult(path, context, (temporary) => writeFile(temporary, goJson(manifest), { mode: 0o664 }));
  });
  return { artifact: input, keepInput: true, keepIsForced: true };
}

async function describeBuild(
  output: ManifestOutput,
  input: Artifact,
  context: OutputContext,
): Promise<ManifestBuild> {
  const files = await Promise.all(
    input.files.map(async (file) => ({
      name: output.stripPath ? basename(file) : displayPath(file, context),
      size: await sizeOf(localPath(file, context)),
    })),
  );
  const custom = goSortedKeys(output.customData).map((name) => [
    name,
    context.render(output.customData[name]!),
  ]);
  return {
    name: context.build.name,
    builder_type: context.build.type,
    ...(output.stripTime ? {} : { build_time: Math.floor(Date.now() / 1000) }),
    files: files.length > 0 ? files : null,
    artifact_id: input.id,
    packer_run_uuid: context.runUuid,
    custom_data: custom.length > 0 ? Object.fromEntries(custom) : null,
  };
}

/** A file that is gone counts 0 bytes, as in Packer: artifacts may name what is elsewhere. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 0;
    throw error;
  }
}

async function readManifest(path: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return emptyManifest;
    throw error;
  }
  if (text === '') return emptyManifest;
  try {
    return parseManifest(JSON.parse(text));
  } catch (error) {
    throw new KilnError('output-failed', `${path} is there already and is no manifest`, {
      hint: 'remove it, or give the manifest another output',
      cause: error,
    });
  }
}

const emptyManifest: Manifest = { builds: [], last_run_uuid: '' };

/** Reads as Packer does: what a manifest does not have is dropped, what is missing gets its empty value. */
function parseManifest(value: unknown): Manifest {
  const { builds, last_run_uuid } = asRecord(value);
  return { builds: asArray(builds).map(parseBuild), last_run_uuid: asText(last_run_uuid) };
}

function parseBuild(value: unknown): ManifestBuild {
  const build = asRecord(value);
  const { build_time: time, files, custom_data: custom } = build;
  return {
    name: asText(build.name),
    builder_type: asText(build.builder_type),
    ...(typeof time === 'number' && time !== 0 ? { build_time: time } : {}),
    files: files === null || files === undefined ? null : asArray(files).map(parseFile),
    artifact_id: asText(build.artifact_id),
    packer_run_uuid: asText(build.packer_run_uuid),
    custom_data: custom === null || custom === undefined ? null : parseCustom(asRecord(custom)),
  };
}

function parseFile(value: unknown): { name: string; size: number } {
  const { name, size } = asRecord(value);
  if (size !== undefined && typeof size !== 'number') throw new TypeError('a size is no number');
  return { name: asText(name), size: size ?? 0 };
}

function parseCustom(custom: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(goSortedKeys(custom).map((key) => [key, asText(custom[key])]));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object');
  return value as Readonly<Record<string, unknown>>;
}

function asArray(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError('no list');
  return value;
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new TypeError('no text');
  return value;
}
