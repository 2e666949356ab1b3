import { basename } from 'node:path';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { Sandbox } from './chroot/sandbox.ts';
import { type SandboxBind, type SandboxRoot, systemPath } from './chroot/sandbox-script.ts';
import { TreeProgram } from './chroot/tree-program.ts';
import { downloadFile, downloadFolder, uploadEntries, uploadFile } from './chroot/tree-transfer.ts';
import type { Guest, GuestCommand, GuestExit, GuestUpload, TransferOptions, TreeOptions } from './guest.ts';
import { guestName, joinGuestPath } from './guest-path.ts';
import { LineSplitter } from './line-splitter.ts';
import { readTree } from './local-tree.ts';

export type { SandboxBind, SandboxRoot } from './chroot/sandbox-script.ts';

export interface ChrootOptions {
  readonly root: SandboxRoot;
  /** `none` unless given: only a loopback interface. `host` lends the host's resolv.conf to the tree. */
  readonly network?: 'host' | 'none';
  /** Name of the machine that commands see; `localhost` unless given. */
  readonly hostname?: string;
  readonly binds?: readonly SandboxBind[];
  /** Added to, and stronger than, the environment that commands get anyway. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder for an empty folder to mount on; the system's temporary one unless given. */
  readonly scratch?: string;
  readonly signal?: AbortSignal;
}

/**
 * A tree of files as something to run commands in, as root, without a running system: with namespaces of its own for
 * processes, mounts, host name and network, and with /dev, /proc, /sys and /run of its own. For ordinary users it is
 * in a user namespace with subordinate ids. What is started there ends with the guest, and no services are started:
 * Debian's policy-rc.d says so. `SYSTEMD_OFFLINE` is set.
 *
 * In front of /etc/resolv.conf is the host's with network `host`; the tree's own is then at /run/kiln/resolv.conf.
 * This keeps mistakes from reaching the host, not an attacker who is root in the tree: Kiln's own root rights are needed
 * for that.
 */
export class ChrootGuest implements Guest {
  readonly kind = 'chroot';
  readonly #sandbox: Sandbox;
  readonly #environment: Readonly<Record<string, string>>;
  #closed = false;

  private constructor(sandbox: Sandbox, environment: Readonly<Record<string, string>>) {
    this.#sandbox = sandbox;
    this.#environment = environment;
  }

  /** @throws KilnError `tool-failed` with the reason why the tree cannot be entered, `tool-missing`, `cancelled` */
  static async open(options: ChrootOptions): Promise<ChrootGuest> {
    const { root, network = 'none', hostname = 'localhost', binds = [], environment = {} } = options;
    const sandbox = await Sandbox.open(
      { root, network, hostname, binds },
      {
        ...(options.scratch === undefined ? {} : { scratch: options.scratch }),
        ...(options.signal ? { signal: options.signal } : {}),
      },
    );
    return new ChrootGuest(sandbox, { ...baseEnvironment, ...environment });
  }

  async exec({ command, input, onLine, signal }: GuestCommand): Promise<GuestExit> {
    const program = this.#start(['-c', enterHome, 'sh', command], signal);
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
    if (signal?.aborted) throw cancelled();
    if (!this.#sandbox.alive) return { kind: 'disconnected' };
    return exit;
  }

  async upload(file: GuestUpload): Promise<void> {
    await uploadFile(this.#runner(file.signal), file);
  }

  async uploadTree(from: string, to: string, options: TreeOptions = {}): Promise<void> {
    const entries = await readTree(from, { exclude: options.exclude });
    const target = from.endsWith('/') ? to : joinGuestPath(to, basename(from));
    await uploadEntries(this.#runner(options.signal), entries, target, options);
  }

  async download(from: string, toLocal: string, options: TransferOptions = {}): Promise<void> {
    await downloadFile(this.#runner(options.signal), from, toLocal, options);
  }

  async downloadTree(from: string, toLocal: string, options: TreeOptions = {}): Promise<void> {
    const contentOnly = from.endsWith('/');
    const target = contentOnly ? toLocal : `${toLocal}/${guestName(from)}`;
    await downloadFolder(this.#runner(options.signal), from, target, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sandbox.close();
  }

  #runner(signal: AbortSignal | undefined) {
    return (script: string, ...args: readonly string[]) =>
      this.#start(['-c', `cd "$HOME" 2>/dev/null; ${script}`, 'sh', ...args], signal);
  }

  #start(args: readonly string[], signal: AbortSignal | undefined): TreeProgram {
    if (this.#closed || !this.#sandbox.alive) {
      throw new KilnError('guest-disconnected', 'the tree was closed');
    }
    return TreeProgram.start(this.#sandbox.enter('/bin/sh', args), this.#environment, signal);
  }
}

/** The command is read by a shell of its own, so that it sees no arguments. */
const enterHome = 'cd "$HOME" 2>/dev/null; exec /bin/sh -c "$1"';

const baseEnvironment: Readonly<Record<string, string>> = {
  PATH: systemPath,
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/sh',
  LANG: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  SYSTEMD_OFFLINE: '1',
};
