import { didYouMean } from '../../../base/suggest.ts';
import type {
  ArtificeOutput,
  ChecksumOutput,
  ManifestOutput,
  Output,
  ShellLocalOutput,
} from '../../../plan/output.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { readShellLocal } from '../provisioners/shell-local.ts';
import { readCompress } from './compress.ts';
import { readVagrant } from './vagrant.ts';

type OutputReader = (options: Options) => Output | undefined;

const readers: Readonly<Record<string, OutputReader>> = {
  artifice: readArtifice,
  checksum: readChecksum,
  compress: readCompress,
  manifest: readManifest,
  'shell-local': readShellLocalOutput,
  vagrant: readVagrant,
};

export const postProcessorTypes = Object.keys(readers);

/** The reader of a kind of post-processor, or undefined when Kiln does not run that kind. */
export function postProcessorReader(type: string): OutputReader | undefined {
  return Object.hasOwn(readers, type) ? readers[type] : undefined;
}

export function unknownPostProcessor(type: string): { message: string; hint: string } {
  return {
    message: `Kiln does not run the post-processor "${type}" yet`,
    hint: didYouMean(type, postProcessorTypes) ?? `it runs ${postProcessorTypes.join(', ')}`,
  };
}

function readManifest(options: Options): ManifestOutput {
  const output = options.string(options.renamed('filename', 'output')) ?? 'packer-manifest.json';
  const read = {
    stripPath: options.boolean('strip_path'),
    stripTime: options.boolean('strip_time'),
    customData: options.textMap('custom_data', lateBuildValues),
  };
  options.finish();
  return { kind: 'manifest', output: options.context.path(output), ...read };
}

const lateChecksumOutput: LateData = {
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, 'BuildName', 'BuilderType', 'ChecksumType']),
};

const digests = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

function readChecksum(options: Options): ChecksumOutput {
  const names = options.strings('checksum_types');
  const types = names.flatMap((name) => {
    const found = digests.find((digest) => digest === name);
    if (!found) {
      const hint = didYouMean(name, digests) ?? `known are ${digests.join(', ')}`;
      options.error('checksum_types', `"${name}" is no kind of checksum`, hint);
    }
    return found ?? [];
  });
  const output = options.text('output', lateChecksumOutput) ?? {
    kind: 'template' as const,
    source: 'packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum',
  };
  options.finish();
  return { kind: 'checksum', types: names.length === 0 ? ['md5'] : types, output };
}

function readArtifice(options: Options): ArtificeOutput {
  const files = options.strings('files');
  options.finish();
  if (files.length === 0) options.missing('files', 'name the files that make the artifact');
  return { kind: 'artifice', files: files.map((file) => options.context.path(file)) };
}

function readShellLocalOutput(options: Options): ShellLocalOutput | undefined {
  const read = readShellLocal(options, ['sh', '-c']);
  return read && { kind: 'shell-local', ...read };
}
