import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { cancelled } from './cancellation.ts';
import { isSystemError, KilnError } from './errors.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Buffer;
  readonly signal?: AbortSignal;
  /** Called for each whole line as it appears. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Called with the program's pid right after its start, such as to journal it. */
  readonly onStart?: (pid: number) => void;
}

export interface RunResult {
  /** Exit code; 128 + the signal's number when the program was ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end and collects what it prints. The program gets a process group of its own, which
 * is ended as a whole when the signal is raised; the promise settles only after the program is gone.
 * @throws KilnError `tool-missing` when there is no such program, `cancelled` when the signal was raised
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  if (options.signal?.aborted) throw cancelled();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ? ({ ...options.env } as NodeJS.ProcessEnv) : process.env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const onAbort = () => endGroup(child);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const stdout = collect(child.stdout!, 'stdout', options.onLine);
    const stderr = collect(child.stderr!, 'stderr', options.onLine);
    if (options.input !== undefined) {
      child.stdin!.on('error', () => {}); // the program may close its input early
      child.stdin!.end(options.input);
    }
    const code = await exitCode(child, command);
    const result = { code, stdout: await stdout, stderr: await stderr };
    if (options.signal?.aborted) throw cancelled();
    return result;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Like `run`, but a non-zero exit is an error that carries the program's own words.
 * @throws KilnError `tool-failed`, `tool-missing`, `cancelled`
 */
export async function runOrFail(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.code !== 0) {
    const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n');
    if (/No space left on device/.test(words)) {
      throw new KilnError('disk-full', `${command}: ${words}`, { hint: 'free some space, then try again' });
    }
    throw new KilnError('tool-failed', `${command} ended with ${result.code}${words ? `: ${words}` : ''}`);
  }
  return result;
}

/** Resolves with the child's exit code (128 + signal number when it was killed). @throws KilnError `tool-missing` */
export function exitCode(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      if (isSystemError(error, 'ENOENT')) {
        reject(
          new KilnError('tool-missing', `the program "${command}" is not installed`, {
            hint: 'run `kiln doctor` to see what to install',
            cause: error,
          }),
        );
      } else reject(error);
    });
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? signalNumber(signal) : 0)));
  });
}

/** Ends a detached child and everything it started: SIGTERM now, SIGKILL after two seconds. */
export function endGroup(child: ChildProcess, graceMilliseconds = 2000): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const group = -child.pid;
  signalQuietly(group, 'SIGTERM');
  const timer = setTimeout(() => signalQuietly(group, 'SIGKILL'), graceMilliseconds);
  child.once('close', () => clearTimeout(timer));
}

/** Sends a signal; a process that is gone already is no error. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); undefined when
 * there is no such process. With the pid it names a process for good: pids are used again, pairs are not.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not yet looked.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** Names one process for good. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const started = processStartTime(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.started;
}

async function collect(
  stream: NodeJS.ReadableStream,
  name: 'stdout' | 'stderr',
  onLine: RunOptions['onLine'],
): Promise<string> {
  if (!onLine) {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line);
    onLine(line, name);
  }
  return lines.join('\n');
}

function signalNumber(signal: NodeJS.Signals): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGKILL: 9,
    SIGTERM: 15,
  };
  return numbers[signal] ?? 0;
}
