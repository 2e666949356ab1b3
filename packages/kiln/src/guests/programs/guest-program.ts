import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { cancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { endGroup, exitCode } from '../../base/processes.ts';
import type { GuestExit } from '../guest.ts';

/** What a program leaves running may hold its output open for ever. */
const patienceForOutput = 500;

/** A program of this host that runs another in a guest. It leads a process group, which ends when the signal is raised. */
export class GuestProgram {
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
      const name = signalNames.get(code - 128);
      return name ? { kind: 'signalled', signal: name } : { kind: 'exited', code };
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

  /** Writes and waits while the program is behind. */
  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    if (!stdin.writable || stdin.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        stdin.off('drain', go);
        stdin.off('close', go);
        resolve();
      };
      stdin.once('drain', go);
      stdin.once('close', go);
    });
  }

  /** Ends a program that is of no use any more. */
  abandon(): void {
    endGroup(this.#child, 0);
  }

  /**
   * Waits for the end, which must be success.
   * @param what what is not so when it failed, such as `/etc/x could not be written`
   * @throws KilnError `step-failed`, `disk-full`, `cancelled`
   */
  async succeeded(what: string, signal: AbortSignal | undefined): Promise<void> {
    const exit = await this.ended;
    if (signal?.aborted) throw cancelled();
    if (exit.kind === 'exited' && exit.code === 0) return;
    const words = this.#complaints.trim();
    if (/No space left on device/.test(words)) throw new KilnError('disk-full', `${what}: ${words}`);
    throw new KilnError('step-failed', `${what}${words === '' ? '' : `: ${words}`}`);
  }
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
