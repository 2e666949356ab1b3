import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exitCode, signalQuietly } from '../../base/processes.ts';
import type { BuildUser } from './build-user.ts';
import { hostProcess } from './host-process.ts';

export interface BuildCommand {
  /** Words that start Kiln, such as node and its main file. */
  readonly program: readonly string[];
  readonly template: string;
  /** Further words of the command line. */
  readonly more: readonly string[];
  /** Everything temporary of the run. */
  readonly folder: string;
  /** Store that the build works with. */
  readonly home: string;
  readonly onError: 'cleanup' | 'abort';
  readonly user?: BuildUser;
  /** Names of further variables that builds get of the service's environment. */
  readonly passed?: readonly string[];
  readonly signal: AbortSignal;
  /** A line of standard output (an event), or of standard error. */
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
  /** The leader of the build's process group (host-process.ts). */
  readonly onStart: (process: string) => Promise<void>;
}

/** What a build gets of the environment: no secret of the service is in these. */
const passedAlways = [
  ...['PATH', 'LANG', 'LC_ALL', 'TZ', 'NODE_COMPILE_CACHE'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
];

/** From a cancel on: politely, in a hurry, and by force. All is over within five seconds. */
const graces = { hurry: 2_000, kill: 3_500 };

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/**
 * Runs `kiln build` beside the service: in a process group of its own, with an environment that has nothing of the
 * service's, as another user where there is one. The build dies with this process where `setpriv` is installed. Gives
 * the exit code.
 * @throws KilnError `tool-missing`
 */
export async function runBuild(command: BuildCommand): Promise<number> {
  const [first, ...rest] = wordsOf(command);
  const child = spawn(first!, rest, {
    cwd: command.folder,
    env: environmentOf(command),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(command.user && !setpriv && { uid: command.user.uid, gid: command.user.gid }),
  });
  const ended = exitCode(child, first!);
  const timers = new Set<NodeJS.Timeout>();
  const onAbort = () => endBuild(child, timers);
  command.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const lines = Promise.all([
      eachLine(child.stdout, (line) => command.onLine(line, 'stdout')),
      eachLine(child.stderr, (line) => command.onLine(line, 'stderr')),
    ]);
    // Who waits for it below hears of it too.
    ended.catch(() => {});
    const identity = child.pid === undefined ? undefined : hostProcess(child.pid);
    if (identity !== undefined) await command.onStart(identity);
    if (command.signal.aborted) onAbort();
    const code = await ended;
    await lines;
    return code;
  } finally {
    command.signal.removeEventListener('abort', onAbort);
    for (const timer of timers) clearTimeout(timer);
    // Nothing of the group outlives the build, whoever stopped waiting for it.
    if (child.pid !== undefined) signalQuietly(-child.pid, 'SIGKILL');
  }
}

function wordsOf({ program, template, more, onError, user }: BuildCommand): readonly string[] {
  const build = [...program, 'build', template, '--json', `--on-error=${onError}`, ...more];
  if (!setpriv) return build;
  const as = user ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : [];
  return [setpriv, ...as, '--pdeathsig', 'KILL', '--', ...build];
}

function environmentOf({ folder, home, passed = [] }: BuildCommand): NodeJS.ProcessEnv {
  const taken = [...passedAlways, ...passed].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(taken),
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    KILN_HOME: home,
    NO_COLOR: '1',
  };
}

function endBuild(child: ChildProcess, timers: Set<NodeJS.Timeout>): void {
  const { pid } = child;
  if (pid === undefined) return;
  signalQuietly(pid, 'SIGINT');
  timers.add(setTimeout(() => signalQuietly(pid, 'SIGTERM'), graces.hurry));
  timers.add(setTimeout(() => signalQuietly(-pid, 'SIGKILL'), graces.kill));
}

async function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    take(line);
  }
}
