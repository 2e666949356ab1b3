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

/** How to reach a guest through a program of this host that runs one command in it, such as ssh(1). */
export interface ProgramGuestParts {
  readonly kind: Guest['kind'];
  /** A command line here that has a shell there run a line, with the streams of that. The id is for `stop`. */
  readonly commandLine: (command: string, id: string) => readonly [program: string, args: readonly string[]];
  /** Environment of that program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the guest is still there, when a command has ended so. */
  readonly isThere: (exit: GuestExit) => boolean;
  /** Ends what a command has started there, after the program here was ended. */
  readonly stop?: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Why calls are refused after closing. */
  readonly closedMessage: string;
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
    const program = this.#start(command, signal, id);
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
    return (script, ...args) => this.#start(posixCommand(script, ...args), signal);
  }

  #start(command: string, signal: AbortSignal | undefined, id = ''): GuestProgram {
    if (this.#closed) throw new KilnError('guest-disconnected', this.#parts.closedMessage);
    return GuestProgram.start(this.#parts.commandLine(command, id), this.#parts.environment, signal);
  }
}
