import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of PostgreSQL for a test: its own folder, port and user. */
export interface TestPostgres {
  readonly url: string;
  /** As `kill -9` of all its processes. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const programs = ['initdb', 'pg_ctl', 'postgres'].map((name) => findProgram(name));
const server = accountOf('postgres') ?? accountOf('nobody');

/** Why tests with PostgreSQL cannot run here; undefined when they can. */
export const postgresMissing: string | undefined = programs.some((path) => path === undefined)
  ? 'PostgreSQL (initdb, pg_ctl, postgres) is not installed'
  : process.getuid?.() === 0 && !server
    ? 'PostgreSQL does not run as root, and there is no user for it'
    : undefined;

/** Starts an empty server; whoever starts it stops it. */
export async function startPostgres(): Promise<TestPostgres> {
  const root = mkdtempSync(join(tmpdir(), 'kiln-postgres-'));
  const data = join(root, 'data');
  mkdirSync(data, { mode: 0o700 });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [root, data]) chownSync(path, server!.uid, server!.gid);
  const as = isRoot ? { uid: server!.uid, gid: server!.gid } : {};
  const [initdb, control] = programs as [string, string, string];
  const options = {
    ...as,
    cwd: root,
    stdio: 'pipe' as const,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
  };
  execFileSync(initdb, ['-D', data, '-U', 'kiln', '--auth=trust', '--no-sync', '-E', 'UTF8'], options);
  const port = await freePort();
  const words = ['-D', data, '-w', '-l', join(root, 'log')];
  const start = async () => {
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -k ${root} -c shared_buffers=16MB -c fsync=off`;
    // Its output must not be a pipe: the server keeps it open.
    await ended(spawn(control, [...words, '-o', settings, 'start'], { ...options, stdio: 'ignore' }));
  };
  const halt = (mode: string) =>
    ended(spawn(control, [...words, '-m', mode, 'stop'], { ...options, stdio: 'ignore' }));
  await start();
  return {
    url: `postgres://kiln@127.0.0.1:${port}/postgres`,
    start,
    crash: () => halt('immediate'),
    stop: async () => {
      await halt('immediate').catch(() => {});
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`pg_ctl ended with ${code}`))));
  });
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function accountOf(name: string): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
