import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { Guest, GuestCommand, GuestExit, GuestUpload, TransferOptions, TreeOptions } from './guest.ts';
import { guestName, joinGuestPath, posixCommand } from './guest-path.ts';
import { LineSplitter } from './line-splitter.ts';
import { readTree } from './local-tree.ts';
import { GuestProgram } from './programs/guest-program.ts';
import {
  downloadFile,
  downloadFolder,
  type StartScript,
  uploadEntries,
  uploadFile,
} from './programs/program-transfer.ts';
import type { RunningProgram } from './programs/running-program.ts';

export interface StartOptions {
  /** For `stop`. */
  readonly id: string;
  /** False: the command will get no input. */
  readonly input: boolean;
  readonly signal: AbortSignal | undefined;
}

/** How to run one command in a guest, such as through ssh(1). */
export interface ProgramGuestParts {
  readonly kind: Guest['kind'];
  /** Has a shell there run a line, and gives the streams of that. */
  readonly start: (command: string, options: StartOptions) => RunningProgram | Promise<RunningProgram>;
  /** Whether the guest is still there, when a command has ended so. */
  readonly isThere: (exit: GuestExit) => boolean;
  /** Ends what a command has started there, after its streams were given up. */
  readonly stop?: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Why calls are refused after closing. */
  readonly closedMessage: string;
}

/**
 * `start` for a guest that is reached through a program of this host.
 * @param commandLine the program that has a shell there run a line
 * @param environment of that program
 */
export function throughProgram(
  commandLine: (command: string, id: string) => readonly [program: string, args: readonly string[]],
  environment: Readonly<Record<string, string | undefined>>,
): ProgramGuestParts['start'] {
  return (command, { id, signal }) => GuestProgram.start(commandLine(command, id), environment, signal);
}

/** A guest for which everything is done by running commands: files go through their standard input and output. */
export class ProgramGuest implements Guest {
  readonly kind: Guest['kind'];
  readonly #parts: ProgramGuestParts;
  #closed = false;

  constructor(parts: ProgramGuestParts) {
    this.kind = parts.kind;
    this.#parts = parts;
  }

  async exec({ command, input, onLine, signal }: GuestCommand): Promise<GuestExit> {
    const id = randomBytes(8).toString('hex');
    const program = await this.#start(command, { id, input: input !== undefined, signal });
    const streams = [
      [program.stdout, 'stdout'],
      [program.stderr, 'stderr'],
    ] as const;
    const splitters = streams.map(([readable, name]) => {
      const splitter = new LineSplitter((line) => onLine?.(line, name));
      readable.on('data', (chunk: Buffer) => splitter.push(chunk));
      return splitter;
    });
    program.stdin.end(input);
    const exit = await program.ended;
    for (const splitter of splitters) splitter.end();
    if (signal?.aborted) {
      await this.#parts.stop?.(id);
      throw cancelled();
    }
    return this.#parts.isThere(exit) ? exit : { kind: 'disconnected' };
  }

  async upload(file: GuestUpload): Promise<void> {
    await uploadFile(this.#starter(file.signal), file);
  }

  async uploadTree(from: string, to: string, options: TreeOptions = {}): Promise<void> {
    const entries = await readTree(from, { exclude: options.exclude });
    const target = from.endsWith('/') ? to : joinGuestPath(to, basename(from));
    await uploadEntries(this.#starter(options.signal), entries, target, options);
  }

  async download(from: string, toLocal: string, options: TransferOptions = {}): Promise<void> {
    await downloadFile(this.#starter(options.signal), from, toLocal, options);
  }

  async downloadTree(from: string, toLocal: string, options: TreeOptions = {}): Promise<void> {
    const contentOnly = from.endsWith('/');
    const target = contentOnly ? toLocal : `${toLocal}/${guestName(from)}`;
    await downloadFolder(this.#starter(options.signal), from, target, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#parts.close();
  }

  #starter(signal: AbortSignal | undefined): StartScript {
    return (script, ...args) => this.#start(posixCommand(script, ...args), { id: '', input: true, signal });
  }

  async #start(command: string, options: StartOptions): Promise<RunningProgram> {
    if (this.#closed) throw new KilnError('guest-disconnected', this.#parts.closedMessage);
    if (options.signal?.aborted) throw cancelled();
    return await this.#parts.start(command, options);
  }
}
