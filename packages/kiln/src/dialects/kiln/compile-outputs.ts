import { extname } from 'node:path';
import { fromFolder } from '../../base/yaml/notations.ts';
import type {
  BoxOutput,
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
import type { ImageEntry } from './kiln-file.ts';
import type { OutputEntry } from './output-fields.ts';

/**
 * The chains of outputs of an image: one for each `disk` of the list with what stands below it, and one into the
 * store. What stands above the first `disk` is about the image as it was built. The store comes last, because then
 * it may take the built disk instead of copying it.
 */
export function compileOutputs(
  name: string,
  entry: ImageEntry,
  context: CompileContext,
): readonly (readonly Output[])[] {
  const chains: Output[][] = [];
  let chain: Output[] | undefined;
  let diskPath: string | undefined;
  for (const one of entry.outputs ?? []) {
    const startsChain = chain === undefined || one.action === 'disk';
    const base: OutputBase = { at: context.places.of(one), ...(!startsChain && { keepInput: true }) };
    const output = compileOutput(one, base, { ...context, diskPath });
    if (!output) continue;
    if (chain === undefined || startsChain) {
      chain = [];
      chains.push(chain);
    }
    if (output.kind === 'disk' && typeof output.path === 'string') diskPath = output.path;
    if (output.kind === 'compress' && typeof output.output === 'string') diskPath = output.output;
    chain.push(output);
  }
  const tags = [...new Set(['latest', ...(entry.tags ?? [])])];
  chains.push([{ kind: 'store', references: tags.map((tag) => `${name}:${tag}`) }]);
  return chains;
}

interface OutputCompileContext extends CompileContext {
  /** The file that the outputs above have made. */
  readonly diskPath: string | undefined;
}

function compileOutput(
  entry: OutputEntry,
  base: OutputBase,
  context: OutputCompileContext,
): Output | undefined {
  switch (entry.action) {
    case 'disk':
      return compileDisk(entry.value, base, context);
    case 'checksum':
      return compileChecksum(entry.value, base, context);
    case 'compress':
      return compileCompress(entry.value, base, context);
    case 'box':
      return compileBox(entry.value, base, context);
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
  '.ova': 'ova',
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
  if (compress && format !== 'qcow2' && format !== 'vmdk' && format !== 'ova') {
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
  context: OutputCompileContext,
): ChecksumOutput | undefined {
  const entry = typeof value === 'string' ? { path: value } : value;
  const types = entry.types?.length ? entry.types : (['sha256'] as const);
  if (context.diskPath === undefined) {
    context.problems.error(base.at!, 'there is no file to make a checksum of', 'put it below a "disk"');
    return undefined;
  }
  const common = { ...base, kind: 'checksum', types, sumFile: true } as const;
  if (entry.path !== undefined) {
    const output = fromFolder(context.folder, entry.path);
    if (types.length === 1) return { ...common, output };
    context.problems.error(
      base.at!,
      'one file cannot have several types of checksums',
      'leave "path" out: then each type has a file of its own',
    );
    return undefined;
  }
  return {
    ...common,
    output: { kind: 'template', source: `{{ ${goText(context.diskPath)} }}.{{ .ChecksumType }}` },
  };
}

/** A text as a literal of Go's templates. */
function goText(text: string): string {
  return JSON.stringify(text);
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
    ...(base.keepInput && { keepInput: entry.keep ?? true }),
    kind: 'compress',
    output: fromFolder(context.folder, entry.path),
    format,
    ...(entry.level !== undefined && { level: entry.level }),
  };
}

function compileBox(value: ValueOf<'box'>, base: OutputBase, { folder }: CompileContext): BoxOutput {
  const entry = typeof value === 'string' ? { path: value } : value;
  return {
    ...base,
    keepInput: true,
    kind: 'box',
    path: fromFolder(folder, entry.path),
    include: (entry.include ?? []).map((file) => fromFolder(folder, file)),
    ...(entry.vagrantfile !== undefined && { vagrantfile: fromFolder(folder, entry.vagrantfile) }),
    ...(entry.info !== undefined && { info: fromFolder(folder, entry.info) }),
    ...(entry.level !== undefined && { level: entry.level }),
    ...(entry.architecture !== undefined && { architecture: entry.architecture }),
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
