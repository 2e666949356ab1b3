import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { endGroup, exitCode } from '../base/processes.ts';
import type { Run } from '../store/run.ts';

export type Compression = 'gz' | 'lz4' | 'bz2' | 'xz' | 'zst';

/** A running compressor: bytes go in, fewer come out. `ended` settles with it and says what went wrong. */
export interface Compressor {
  readonly stream: Duplex;
  readonly ended: Promise<void>;
}

/**
 * Starts a compressor. gzip and zstd are Node's own; the others are the programs of their name. Results carry
 * neither names nor times.
 * @throws KilnError (through `ended`) `tool-missing`, `tool-failed`, `cancelled`
 */
export function startCompressor(
  compression: Compression,
  level: number | undefined,
  context: { readonly run: Run; readonly signal: AbortSignal },
): Compressor {
  switch (compression) {
    case 'gz':
      return { stream: createGzip(level === undefined ? {} : { level: clamp(level, 1, 9) }), ended: done };
    case 'zst':
      return { stream: zstd(level), ended: done };
    case 'lz4':
      return program('lz4', ['-q', '-c', `-${clamp(level ?? 1, 1, 12)}`], context);
    case 'bz2':
      return program('bzip2', ['-q', '-c', `-${clamp(level ?? 9, 1, 9)}`], context);
    case 'xz':
      return program('xz', ['-q', '-c', '-T0', `-${clamp(level ?? 6, 0, 9)}`], context);
  }
}

const done = Promise.resolve();

/** Without workers (`ZSTD_c_nbWorkers`): with them Node 24's stream breaks off after the first megabytes. */
function zstd(level: number | undefined): Duplex {
  return createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: clamp(level ?? 3, 1, 19),
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

function program(
  command: string,
  args: readonly string[],
  { run, signal }: { readonly run: Run; readonly signal: AbortSignal },
): Compressor {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  if (child.pid !== undefined) run.ownProcess(child.pid);
  const onAbort = () => endGroup(child);
  signal.addEventListener('abort', onAbort, { once: true });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2000);
  });
  const ended = exitCode(child, command).then(
    (code) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) throw cancelled();
      if (code !== 0) {
        throw new KilnError(
          'tool-failed',
          `${command} ended with ${code}${words ? `: ${words.trim()}` : ''}`,
        );
      }
    },
    (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      throw withPackageHint(error, command);
    },
  );
  // Its reader may look only after the streams have failed.
  ended.catch(() => {});
  return { stream: Duplex.from({ writable: child.stdin, readable: child.stdout }), ended };
}

function withPackageHint(error: unknown, command: string): unknown {
  if (!(error instanceof KilnError) || error.code !== 'tool-missing') return error;
  const packages: Readonly<Record<string, string>> = { lz4: 'lz4', bzip2: 'bzip2', xz: 'xz-utils' };
  return new KilnError('tool-missing', error.message, {
    hint: `install the package ${packages[command]}, or choose gz or zst, which need no program`,
    cause: error,
  });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(value)));
}
