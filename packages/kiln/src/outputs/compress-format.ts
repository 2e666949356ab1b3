import type { CompressOutput } from '../plan/output.ts';

type Format = CompressOutput['format'];

/** Packer's name for compressed artifacts. */
export const compressOutputDefault = 'packer_{{.BuildName}}_{{.BuilderType}}';

/** Endings of file names and the compression each means. Packer calls bzip2's `bzip2` and has no zstd. */
const compressions: Readonly<Record<string, 'gz' | 'lz4' | 'bz2' | 'xz' | 'zst'>> = {
  gz: 'gz',
  bgzf: 'gz',
  lz4: 'lz4',
  bz2: 'bz2',
  bzip2: 'bz2',
  xz: 'xz',
  zst: 'zst',
  zstd: 'zst',
};

/**
 * The format that an output's name, or the option `format` beside it, asks for: by the last two endings, and
 * `tar.gz` for all that says nothing, as in Packer.
 */
export function compressFormatOf(output: string, format?: string): Format {
  const name = format ? `${output}.${format}` : output;
  const endings = [...name.matchAll(/\.([a-z0-9]+)/g)].map((match) => match[1]!);
  const last = endings.at(-1) ?? '';
  if (last === 'zip' || last === 'tar') return last;
  const compression = Object.hasOwn(compressions, last) ? compressions[last] : undefined;
  if (compression === undefined) return 'tar.gz';
  return endings.at(-2) === 'tar' ? `tar.${compression}` : compression;
}
