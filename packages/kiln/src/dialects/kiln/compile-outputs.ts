import { extname } from 'node:path';
import type {
  ChecksumOutput,
  CompressOutput,
  DiskOutput,
  ManifestOutput,
  Output,
  OutputBase,
  ShellLocalOutput,
} from '../../plan/output.ts';
import type { CompileContext } from './compile-context.ts';
import { compileLocal } from './compile-steps.ts';
import type { ImageEntry, OutputEntry } from './kiln-file.ts';
import { fromFolder } from './notations.ts';

/**
 * The chains of outputs of an image: always one into the store, and one for each `disk` of the list with what
 * stands below it. What stands above the first `disk` is about the image as it was built.
 */
export function compileOutputs(
  name: string,
  entry: ImageEntry,
  context: CompileContext,
): readonly (readonly Output[])[] {
  const tags = [...new Set(['latest', ...(entry.tags ?? [])])];
  const chains: Output[][] = [
    [{ kind: 'store', references: tags.map((tag) => `${name}:${tag}`), keepInput: true }],
  ];
  let chain: Output[] | undefined;
  for (const one of entry.outputs ?? []) {
    const output = compileOutput(one, context);
    if (!output) continue;
    if (chain === undefined || output.kind === 'disk') {
      chain = [];
      chains.push(chain);
    }
    chain.push(output);
  }
  return chains;
}

function compileOutput(entry: OutputEntry, context: CompileContext): Output | undefined {
  const base: OutputBase = { keepInput: true, at: context.places.of(entry) };
  switch (entry.action) {
    case 'disk':
      return compileDisk(entry.value, base, context);
    case 'checksum':
      return compileChecksum(entry.value, base, context);
    case 'compress':
      return compileCompress(entry.value, base, context);
    case 'manifest':
      return compileManifest(entry.value, base, context);
    case 'local':
      return compileLocalOutput(entry.value, base, context);
  }
}

const diskFormats: Readonly<Record<string, DiskOutput['format']>> = {
  '.qcow2': 'qcow2',
  '.img': 'raw',
  '.raw': 'raw',
  '.vmdk': 'vmdk',
  '.vhd': 'vhd',
  '.vhdx': 'vhdx',
  '.vdi': 'vdi',
};

type ValueOf<A extends OutputEntry['action']> = Extract<OutputEntry, { readonly action: A }>['value'];

function compileDisk(
  value: ValueOf<'disk'>,
  base: OutputBase,
  context: CompileContext,
): DiskOutput | undefined {
  const entry = typeof value === 'string' ? { path: value } : value;
  const format = entry.format ?? diskFormats[extname(entry.path).toLowerCase()];
  if (format === undefined) {
    context.problems.error(
      base.at!,
      `the format of the disk "${entry.path}" is not clear from its name`,
      `add "format:", or let the name end with ${Object.keys(diskFormats).join(', ')}`,
    );
    return undefined;
  }
  const compress = entry.compress ?? false;
  if (compress && format !== 'qcow2' && format !== 'vmdk') {
    context.problems.error(
      base.at!,
      `a ${format} disk cannot be compressed inside`,
      'use the output "compress"',
    );
    return undefined;
  }
  return { ...base, kind: 'disk', format, path: fromFolder(context.folder, entry.path), compress };
}

function compileChecksum(
  value: ValueOf<'checksum'>,
  base: OutputBase,
  context: CompileContext,
): ChecksumOutput {
  const entry = typeof value === 'string' ? { path: value } : value;
  const types = entry.types?.length ? entry.types : (['sha256'] as const);
  // Without a name of its own the checksum lies beside the disk.
  const output = entry.path === undefined ? '' : fromFolder(context.folder, entry.path);
  return { ...base, kind: 'checksum', types, output };
}

const compressFormats: readonly (readonly [string, CompressOutput['format']])[] = [
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar.xz', 'tar.xz'],
  ['.tar.zst', 'tar.zst'],
  ['.tar.lz4', 'tar.lz4'],
  ['.tar.bz2', 'tar.bz2'],
  ['.tar', 'tar'],
  ['.zip', 'zip'],
  ['.gz', 'gz'],
  ['.xz', 'xz'],
  ['.zst', 'zst'],
  ['.lz4', 'lz4'],
  ['.bz2', 'bz2'],
];

function compileCompress(
  value: ValueOf<'compress'>,
  base: OutputBase,
  context: CompileContext,
): CompressOutput | undefined {
  const entry = typeof value === 'string' ? { path: value } : value;
  const format = compressFormats.find(([ending]) => entry.path.toLowerCase().endsWith(ending))?.[1];
  if (format === undefined) {
    context.problems.error(
      base.at!,
      `how to compress is not clear from the name "${entry.path}"`,
      `let it end with ${compressFormats.map(([ending]) => ending).join(', ')}`,
    );
    return undefined;
  }
  return {
    ...base,
    keepInput: entry.keep ?? true,
    kind: 'compress',
    output: fromFolder(context.folder, entry.path),
    format,
    ...(entry.level !== undefined && { level: entry.level }),
  };
}

function compileManifest(
  value: ValueOf<'manifest'>,
  base: OutputBase,
  context: CompileContext,
): ManifestOutput {
  const entry = typeof value === 'string' ? { path: value } : value;
  return {
    ...base,
    kind: 'manifest',
    output: fromFolder(context.folder, entry.path),
    stripPath: entry.strip_path ?? false,
    stripTime: false,
    customData: { ...entry.data },
  };
}

function compileLocalOutput(
  value: ValueOf<'local'>,
  base: OutputBase,
  context: CompileContext,
): ShellLocalOutput | undefined {
  const local = compileLocal(value, base.at!, context);
  return local && { ...base, kind: 'shell-local', ...local };
}
