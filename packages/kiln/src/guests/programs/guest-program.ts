import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { cancelled } from '../../base/cancellation.ts';
import { endGroup, exitCode } from '../../base/processes.ts';
import type { GuestExit } from '../guest.ts';
import type { RunningProgram } from './running-program.ts';

/** What a program leaves running may hold its output open for ever. */
const patienceForOutput = 500;

/** A program of this host that runs another in a guest. It leads a process group, which ends when the signal is raised. */
export class GuestProgram implements RunningProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  /** Settles when all output has been given out. Never fails but for a missing program of the host. */
  readonly ended: Promise<GuestExit>;
  #complaints = '';

  private constructor(
    child: ChildProcessWithoutNullStreams,
    command: string,
    signal: AbortSignal | undefined,
  ) {
    this.#child = child;
    child.stdin.on('error', () => {}); // a program may close its input early
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#complaints.length < 8192) this.#complaints += chunk.toString('utf8');
    });
    const onAbort = () => endGroup(child);
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('exit', () => {
      const timer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, patienceForOutput);
      child.once('close', () => clearTimeout(timer));
    });
    this.ended = exitCode(child, command).then((code) => {
      signal?.removeEventListener('abort', onAbort);
      if (child.signalCode) return { kind: 'signalled', signal: child.signalCode };
      return exitFromCode(code);
    });
    this.ended.catch(() => {}); // whoever waits is told
  }

  /** @throws KilnError `cancelled` */
  static start(
    [command, args]: readonly [string, readonly string[]],
    environment: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal | undefined,
  ): GuestProgram {
    if (signal?.aborted) throw cancelled();
    const child = spawn(command, args, { stdio: 'pipe', detached: true, env: { ...environment } });
    return new GuestProgram(child, command, signal);
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  get stdout(): Readable {
    return this.#child.stdout;
  }

  get stderr(): Readable {
    return this.#child.stderr;
  }

  get complaints(): string {
    return this.#complaints;
  }

  /** Ends a program that is of no use any more. */
  abandon(): void {
    endGroup(this.#child, 0);
  }
}

/** How a program ended, by the exit code that a shell gives it. */
export function exitFromCode(code: number): GuestExit {
  const name = signalNames.get(code - 128);
  return name ? { kind: 'signalled', signal: name } : { kind: 'exited', code };
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
