import { spawn } from 'node:child_process';
import type { ByteRange } from '../disk-reader.ts';

/**
 * Node cannot call lseek(2) with SEEK_DATA (3) and SEEK_HOLE (4). Reading gigabytes of holes takes longer than copying
 * what is between them, so one of two interpreters that nearly every Linux has is asked instead. It inherits the open file.
 */
const interpreters: readonly (readonly [string, ...string[]])[] = [
  [
    'perl',
    '-e',
    'my $at = 0; while (defined(my $from = sysseek(STDIN, $at, 3))) { $at = sysseek(STDIN, $from, 4) // exit 1; printf("%d %d\\n", $from, $at) }',
  ],
  [
    'python3',
    '-IS',
    '-c',
    `import errno, os
at = 0
try:
    while True:
        start = os.lseek(0, at, os.SEEK_DATA)
        at = os.lseek(0, start, os.SEEK_HOLE)
        print(start, at)
except OSError as error:
    if error.errno != errno.ENXIO: raise`,
  ],
];

/** Files that are smaller are read sooner than a process is started. */
const worthwhileSize = 16 << 20;

/**
 * Areas of an open file that are not holes, or nothing when that cannot be found out here. The system may take areas
 * full of zeros for data, never data for a hole.
 */
export async function seekDataRanges(fd: number, size: number): Promise<ByteRange[] | undefined> {
  if (process.platform !== 'linux' || size < worthwhileSize) return undefined;
  for (const command of interpreters) {
    const printed = await runOn(fd, command);
    const ranges = printed === undefined ? undefined : parseRanges(printed, size);
    if (ranges) return ranges;
  }
  return undefined;
}

function runOn(fd: number, [program, ...args]: readonly [string, ...string[]]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: [fd, 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? Buffer.concat(chunks).toString('latin1') : undefined));
  });
}

function parseRanges(printed: string, size: number): ByteRange[] | undefined {
  const ranges: ByteRange[] = [];
  let before = 0;
  for (const line of printed.split('\n')) {
    if (line === '') continue;
    const [start, end] = line.split(' ').map(Number);
    const isOrdered = start !== undefined && end !== undefined && before <= start && start < end;
    if (!isOrdered) return undefined;
    if (start < size) ranges.push({ start, length: Math.min(end, size) - start });
    before = end;
  }
  return ranges;
}
