import { basename } from 'node:path';
import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { Guest, GuestCommand, GuestExit, GuestUpload, TransferOptions, TreeOptions } from './guest.ts';
import {
  guestFolder,
  guestName,
  guestPath,
  isDrivePath,
  joinGuestPath,
  posixCommand,
  withSlashes,
} from './guest-path.ts';
import { readTree, type TreeEntry } from './local-tree.ts';
import { receiveFile } from './received-file.ts';
import { Reconnect } from './reconnect.ts';
import {
  downloadByScp,
  downloadTreeByScp,
  ScpMissing,
  scpCanCarry,
  uploadByScp,
  uploadTreeByScp,
} from './scp-transfer.ts';
import { SftpMissing } from './sftp-session.ts';
import { downloadBySftp, downloadTreeBySftp, uploadBySftp, uploadTreeBySftp } from './sftp-transfer.ts';
import { shellQuote } from './shell-quote.ts';
import type { SshConnection } from './ssh-connection.ts';
import { execOverSsh } from './ssh-exec.ts';
import { downloadTreeByTar, TarMissing, uploadTreeByTar } from './tar-transfer.ts';
import { TreeWriter } from './tree-writer.ts';

export interface SshGuestParts {
  /** Connects anew; waits like the first time. */
  readonly connect: (signal: AbortSignal) => Promise<SshConnection>;
  readonly pty: boolean;
  readonly fileTransfer: 'scp' | 'sftp';
  readonly folders: 'scp' | 'rsync';
  readonly onMessage: (text: string) => void;
  /** Ends what else belongs to the guest: tunnels, the bastion's connection. */
  readonly close: () => Promise<void>;
}

/** A machine that goes down may let us in once more, but one that breaks every connection does so for ever. */
const attempts = 3;
const pauseAfterBreak = 100;

/** A machine over SSH. The connection comes back by itself: a call after a break waits for the machine. */
export class SshGuest implements Guest {
  readonly kind = 'ssh';
  readonly terminal: boolean;
  readonly #parts: SshGuestParts;
  #connection: SshConnection;
  #reconnect: Reconnect | undefined;
  #closed = false;
  #method: 'scp' | 'sftp';
  #tar = true;

  constructor(first: SshConnection, parts: SshGuestParts) {
    this.#connection = first;
    this.#parts = parts;
    this.terminal = parts.pty;
    this.#method = parts.fileTransfer;
  }

  async exec(command: GuestCommand): Promise<GuestExit> {
    for (let attempt = 1; ; attempt += 1) {
      const connection = await this.#live(command.signal);
      try {
        return await execOverSsh(connection, command, { pty: this.#parts.pty });
      } catch (error) {
        // The connection turned out to be dead before the command was started: nothing has happened yet.
        const broke = error instanceof KilnError && error.code === 'guest-disconnected' && !this.#closed;
        if (!broke || attempt >= attempts) throw error;
        await sleep(pauseAfterBreak, command.signal);
      }
    }
  }

  async upload(file: GuestUpload): Promise<void> {
    await this.#transfer(file.signal, {
      scp: (connection) => uploadByScp(connection, file),
      sftp: (connection) => uploadBySftp(connection, file),
    });
  }

  async uploadTree(from: string, to: string, options: TreeOptions = {}): Promise<void> {
    if (isDrivePath(to)) return await this.#uploadTreeToWindows(from, withSlashes(to), options);
    const entries = await readTree(from, {
      exclude: options.exclude,
      followLinks: this.#parts.folders === 'scp',
    });
    const target = (await this.#becomes(from, to, options)) ? to : joinGuestPath(to, basename(from));
    if (await this.#byTar(options, (connection) => uploadTreeByTar(connection, entries, target, options))) {
      return;
    }
    await this.#run(`mkdir -p ${shellQuote(guestPath(target))}`, options);
    await this.#transfer(options.signal, {
      scp: async (connection) => {
        await uploadTreeByScp(connection, entries.filter(scpCanCarry), target, options);
        await this.#carryRest(
          entries.filter((entry) => !scpCanCarry(entry)),
          target,
          options,
        );
      },
      sftp: (connection) => uploadTreeBySftp(connection, entries, target, options),
    });
  }

  /** Whether a local folder becomes the remote one, instead of going into it. */
  async #becomes(from: string, to: string, options: TransferOptions): Promise<boolean> {
    if (from.endsWith('/')) return true;
    return (
      this.#parts.folders === 'scp' && !(await this.#holds(`test -d ${shellQuote(guestPath(to))}`, options))
    );
  }

  /** Windows has no tar and no symlinks to count on, and no `mkdir` that is the same for all of its shells. */
  async #uploadTreeToWindows(from: string, to: string, options: TreeOptions): Promise<void> {
    const inner = await readTree(from, { exclude: options.exclude, followLinks: true });
    const target = from.endsWith('/') ? to : joinGuestPath(to, basename(from));
    const isDrive = /^[A-Za-z]:\/+$/.test(target);
    // Sent as a folder in the one above, a folder is made when it is not there.
    const entries = isDrive ? inner : insideFolder(guestName(target), inner);
    const above = isDrive ? target : guestFolder(target);
    await this.#transfer(options.signal, {
      scp: (connection) => uploadTreeByScp(connection, entries, above, options),
      sftp: (connection) => uploadTreeBySftp(connection, entries, above, options),
    });
  }

  async download(from: string, toLocal: string, options: TransferOptions = {}): Promise<void> {
    const receive = () => receiveFile(toLocal);
    await this.#transfer(options.signal, {
      scp: (connection) => downloadByScp(connection, from, receive, options),
      sftp: (connection) => downloadBySftp(connection, from, receive, options),
    });
  }

  async downloadTree(from: string, toLocal: string, options: TreeOptions = {}): Promise<void> {
    const path = withSlashes(from);
    const followLinks = this.#parts.folders === 'scp';
    const contentOnly = path.endsWith('/') && (this.#parts.folders !== 'scp' || !hasName(path));
    const writer = new TreeWriter(contentOnly ? toLocal : `${toLocal}/${localName(path)}`);
    const excludedNames = new Set(options.exclude?.map((name) => name.replace(/^\.?\/+|\/+$/g, '')));
    const excluded = (path: string) => excludedNames.has(path);
    const filtered = { ...options, excluded, followLinks };
    await writer.begin();
    const byTar =
      !isDrivePath(from) &&
      (await this.#byTar(options, (connection) => downloadTreeByTar(connection, from, writer, filtered)));
    if (!byTar) {
      await this.#transfer(options.signal, {
        scp: (connection) => downloadTreeByScp(connection, from, writer, filtered),
        sftp: (connection) => downloadTreeBySftp(connection, from, writer, filtered),
      });
    }
    await writer.finish();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#reconnect?.giveUp();
    await this.#connection.end();
    await this.#parts.close();
  }

  /** The connection, a new one if the last is gone. Calls that overlap share one attempt. */
  async #live(signal: AbortSignal | undefined): Promise<SshConnection> {
    if (this.#closed) throw new KilnError('guest-disconnected', 'the connection to the machine was closed');
    if (this.#connection.alive) return this.#connection;
    if (!this.#reconnect) {
      this.#parts.onMessage(`Lost the connection to ${this.#connection.label}; connecting again`);
      const reconnect = new Reconnect(this.#parts.connect);
      this.#reconnect = reconnect;
      reconnect.done
        .then((connection) => {
          this.#connection = connection;
        })
        .catch(() => {}) // those who wait for it are told
        .finally(() => {
          if (this.#reconnect === reconnect) this.#reconnect = undefined;
        });
    }
    return await this.#reconnect.wait(signal);
  }

  /** Copies; a copy during which the connection broke is made again from its beginning. */
  async #copy(
    signal: AbortSignal | undefined,
    copy: (connection: SshConnection) => Promise<void>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await copy(await this.#live(signal));
      } catch (error) {
        const broke = error instanceof KilnError && error.code === 'guest-disconnected' && !this.#closed;
        if (!broke || attempt >= attempts) throw error;
        await sleep(pauseAfterBreak, signal);
      }
    }
  }

  /** Copies in the way the template asks for, or in the other one when the machine lacks what the first needs. */
  async #transfer(
    signal: AbortSignal | undefined,
    ways: Readonly<Record<'scp' | 'sftp', (connection: SshConnection) => Promise<void>>>,
  ): Promise<void> {
    const first = this.#method;
    try {
      return await this.#copy(signal, ways[first]);
    } catch (error) {
      if (!(error instanceof ScpMissing || error instanceof SftpMissing)) throw error;
    }
    const other = first === 'scp' ? 'sftp' : 'scp';
    this.#parts.onMessage(`The machine has no ${first}; copying with ${other}`);
    try {
      await this.#copy(signal, ways[other]);
    } catch (error) {
      if (!(error instanceof ScpMissing || error instanceof SftpMissing)) throw error;
      throw new KilnError('step-failed', 'no file can be copied: the machine has neither scp nor sftp', {
        hint: 'install an SSH server with sftp in the machine',
        cause: error,
      });
    }
    this.#method = other;
  }

  async #byTar(options: TreeOptions, copy: (connection: SshConnection) => Promise<void>): Promise<boolean> {
    if (!this.#tar) return false;
    try {
      await this.#copy(options.signal, copy);
      return true;
    } catch (error) {
      if (!(error instanceof TarMissing)) throw error;
      this.#tar = false;
      return false;
    }
  }

  async #carryRest(entries: readonly TreeEntry[], target: string, options: TreeOptions): Promise<void> {
    const signal = options.signal;
    for (const entry of entries) {
      const to = joinGuestPath(target, entry.path);
      const path = shellQuote(guestPath(to));
      if (entry.kind === 'folder') {
        await this.#run(`mkdir -p ${path} && chmod ${(entry.mode & 0o7777).toString(8)} ${path}`, options);
      } else if (entry.kind === 'symlink') {
        await this.#run(`rm -f ${path} && ln -s -- ${shellQuote(entry.target)} ${path}`, options);
      } else {
        await this.upload({
          from: { kind: 'file', path: entry.local },
          to,
          mode: entry.mode,
          ...(signal ? { signal } : {}),
        });
      }
    }
  }

  async #run(script: string, options: TransferOptions): Promise<void> {
    const complaints: string[] = [];
    if (await this.#holds(script, options, complaints)) return;
    throw new KilnError('step-failed', complaints.join('; ') || `${script} failed in the machine`);
  }

  /** Whether a script ends with 0. */
  async #holds(script: string, options: TransferOptions, complaints: string[] = []): Promise<boolean> {
    const exit = await this.exec({
      command: posixCommand(script),
      onLine: (line, stream) => {
        if (stream === 'stderr') complaints.push(line);
      },
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (exit.kind === 'disconnected') throw this.#connection.disconnected();
    return exit.kind === 'exited' && exit.code === 0;
  }
}

function insideFolder(name: string, entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return [
    { kind: 'folder', path: name, mode: 0o755 },
    ...entries.map((entry) => ({ ...entry, path: `${name}/${entry.path}` })),
  ];
}

/** Some folders are only named by where they are. */
function hasName(path: string): boolean {
  return !['', '/', '.', '..', '~'].includes(guestName(path));
}

function localName(from: string): string {
  const name = guestName(from);
  if (!hasName(from)) {
    throw new KilnError('step-failed', `${from} has no name of its own to be copied under`, {
      hint: 'end it with / to copy what is in it',
    });
  }
  return name;
}
