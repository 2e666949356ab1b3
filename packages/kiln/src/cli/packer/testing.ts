import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface PackerResult {
  readonly code: number | null;
  /** Folder, times and durations made the same in every run: FOLDER, TIME, AWHILE. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Comes through a pipe. */
  readonly input?: string;
  /** File to read instead. */
  readonly inputFile?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A temporary folder with files in it, where Kiln as `packer`, and the real Packer, are run. */
export interface PackerShop {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs the link `packer` that leads to Kiln. */
  packer(args: readonly string[], options?: RunOptions): Promise<PackerResult>;
  /** Runs Packer itself. */
  real(args: readonly string[], options?: RunOptions): Promise<PackerResult>;
  read(file: string): string;
}

/** Compiled code is kept from one start to the next, as it is for users, and shared among all files of tests. */
const compiled = process.env.NODE_COMPILE_CACHE ?? mkdtempSync(join(tmpdir(), 'kiln-packer-cache-'));
if (process.env.NODE_COMPILE_CACHE === undefined) {
  process.once('exit', () => rmSync(compiled, { recursive: true, force: true }));
}

const launcher = fileURLToPath(new URL('../../../../../kiln', import.meta.url));

export function makePackerShop(t: TestContext, files: Readonly<Record<string, string>> = {}): PackerShop {
  const root = mkdtempSync(join(tmpdir(), 'kiln-packer-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'work');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const link = join(root, 'bin', 'packer');
  mkdirSync(dirname(link));
  symlinkSync(launcher, link);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: join(root, 'home'),
    KILN_HOME: join(root, 'kiln'),
    CHECKPOINT_DISABLE: '1',
    NODE_COMPILE_CACHE: compiled,
    TZ: 'UTC',
  };
  mkdirSync(env.HOME);
  const run = async (
    program: string,
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<PackerResult> => {
    // What Node calls a pipe is a socket, and Packer tells the two apart.
    const script = options.inputFile === undefined ? 'cat | "$0" "$@"' : `"$0" "$@" < ${options.inputFile}`;
    const words = ['-c', script, program, ...args];
    const child = spawn('sh', words, { cwd: folder, env: { ...env, ...options.env }, stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] += chunk;
      });
    }
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout: stable(output.stdout, folder), stderr: stable(output.stderr, folder) };
  };
  return {
    folder,
    env,
    packer: (args, options) => run(link, args, options),
    real: (args, options) => run('packer', args, options),
    read: (file) => readFileSync(join(folder, file), 'utf8'),
  };
}

/** Why a test that compares with Packer itself cannot run; undefined when it can. */
export function missingPacker(): string | undefined {
  const { error, stdout }: SpawnSyncReturns<string> = spawnSync('packer', ['version'], { encoding: 'utf8' });
  if (error) return 'packer is not installed';
  return /^Packer v/.test(stdout) ? undefined : 'the program packer is something else';
}

function stable(text: string, folder: string): string {
  const amount = String.raw`\d+ (?:week|day|hour|minute|second|millisecond|microsecond)s?`;
  return text
    .replaceAll(folder, 'FOLDER')
    .replace(new RegExp(`${amount}(?: ${amount})?`, 'g'), 'AWHILE')
    .replace(/^\d{10},/gm, 'TIME,')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/log: \S+\/([^/\s]+\.log)/g, 'log: $1');
}
