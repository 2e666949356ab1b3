import type { CompressOutput } from '../../../plan/output.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';

const lateOutput: LateData = {
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, 'BuildName', 'BuilderType']),
};

const defaultOutput = { kind: 'template' as const, source: 'packer_{{.BuildName}}_{{.BuilderType}}' };

/** Packer's compress post-processor. Undefined after a mistake that was reported. */
export function readCompress(options: Options): CompressOutput | undefined {
  const output = options.text('output', lateOutput) ?? defaultOutput;
  const written = options.string('format');
  const level = options.integer('compression_level') ?? 0;
  options.finish();
  const source = typeof output === 'string' ? output : output.source;
  const format = formatOf(written === undefined ? source : `${source}.${written}`);
  if (format === undefined) {
    options.error(
      written === undefined ? 'output' : 'format',
      'Kiln does not compress with bgzf',
      'use gz or tar.gz',
    );
    return undefined;
  }
  return { kind: 'compress', output, format, ...(level > 0 && { level: Math.min(level, 9) }) };
}

const algorithms: Readonly<Record<string, 'gz' | 'lz4' | 'xz' | 'bz2'>> = {
  gz: 'gz',
  lz4: 'lz4',
  xz: 'xz',
  bzip2: 'bz2',
};

/** Packer tells the format by the last two extensions, and takes a gzipped tar when they say nothing. */
function formatOf(name: string): CompressOutput['format'] | undefined {
  const extensions = [...name.matchAll(/\.([a-z0-9]+)/g)].map((match) => match[1]!);
  const last = extensions.at(-1) ?? '';
  if (last === 'zip' || last === 'tar') return last;
  if (last === 'bgzf') return undefined;
  const algorithm = Object.hasOwn(algorithms, last) ? algorithms[last] : undefined;
  if (algorithm === undefined) return 'tar.gz';
  return extensions.at(-2) === 'tar' ? `tar.${algorithm}` : algorithm;
}
