import { spawn } from 'node:child_process';
import { DiskImageError } from '../read.ts';
import { FattrParser } from './fattr-parser.ts';
import { TarXattrParser } from './tar-xattr-parser.ts';
import type { XattrParser, XattrsByPath } from './xattr-parser.ts';

/**
 * Extended attributes of everything in a local directory. Node has no call for them, so another program looks:
 * `getfattr` (Debian's package attr), which only lists; where it is missing, GNU tar, whose archive has to be read to
 * its end and thrown away.
 * @throws DiskImageError when neither program is there, or the one that is fails
 */
export async function readXattrs(root: string, keep: (name: string) => boolean): Promise<XattrsByPath> {
  for (const { program, args, parser } of readers) {
    const found = await run(program, args, root, parser(keep));
    if (found) return found;
  }
  throw new DiskImageError(
    'extended attributes cannot be read: install getfattr (Debian package "attr"), or GNU tar',
  );
}

const readers = [
  {
    program: 'getfattr',
    args: ['--recursive', '--physical', '--no-dereference', '--dump', '--match=-', '--encoding=hex', '.'],
    parser: (keep: (name: string) => boolean): XattrParser => new FattrParser(keep),
  },
  {
    program: 'tar',
    // Holes are left out, since their zeros would be read here.
    args: ['--create', '--format=posix', '--sparse', '--xattrs', '--xattrs-include=*', '--file=-', '.'],
    parser: (keep: (name: string) => boolean): XattrParser => new TarXattrParser(keep),
  },
] as const;

/** @returns undefined when there is no such program */
async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  parser: XattrParser,
): Promise<XattrsByPath | undefined> {
  // Names must come as the bytes they are, and messages in English.
  const env = { ...process.env, LC_ALL: 'C' };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  let broken: Error | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('latin1')).slice(0, 2000);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    try {
      if (!broken) parser.add(chunk);
    } catch (error) {
      broken = error as Error;
      child.kill();
    }
  });
  const code = await new Promise<number | null | 'missing'>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve('missing') : reject(error),
    );
    child.once('close', resolve);
  });
  if (code === 'missing') return undefined;
  if (broken) throw broken;
  if (code !== 0)
    throw new DiskImageError(
      `extended attributes cannot be read: ${complaint.trim().split('\n')[0] || `${program} ended with ${code}`}`,
    );
  return parser.end();
}
