import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { endGroup, exitCode } from '../../base/processes.ts';
import { isRoot } from '../../base/user-namespace.ts';
import { type SandboxSettings, sandboxScript, systemPath } from './sandbox-script.ts';

/** A tree with namespaces of its own, which exist until it is closed or Kiln ends. */
export class Sandbox {
  readonly #keeper: ChildProcess;
  readonly #ended: Promise<number>;
  readonly #complaints: readonly string[];
  readonly #entrance: readonly [string, readonly string[]];
  #alive = true;

  private constructor(
    keeper: ChildProcess,
    ended: Promise<number>,
    complaints: readonly string[],
    entrance: readonly [string, readonly string[]],
  ) {
    this.#keeper = keeper;
    this.#ended = ended;
    this.#complaints = complaints;
    this.#entrance = entrance;
    void ended.then(() => {
      this.#alive = false;
    });
  }

  /**
   * @param scratch a folder for an empty folder to mount on
   * @throws KilnError `tool-failed`, `tool-missing`, `cancelled`
   */
  static async open(
    settings: Omit<SandboxSettings, 'asRoot'>,
    { scratch, signal }: { readonly scratch?: string; readonly signal?: AbortSignal } = {},
  ): Promise<Sandbox> {
    if (signal?.aborted) throw cancelled();
    const asRoot = isRoot();
    const user = asRoot ? [] : ['--user', '--map-root-user', '--map-auto'];
    const script = sandboxScript({ ...settings, asRoot });
    const keeper = spawn(
      'unshare',
      [...user, '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', script],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        // Ctrl-C is for Kiln, which closes what it has opened.
        detached: true,
        env: {
          ...process.env,
          PATH: systemPath,
          KILN_USER_NAMESPACE: asRoot ? 'no' : 'yes',
          ...(scratch === undefined ? {} : { KILN_SCRATCH: scratch }),
        },
      },
    );
    keeper.stdin.on('error', () => {}); // it may end first
    const ended = exitCode(keeper, 'unshare');
    ended.catch(() => {}); // the one who waits for the first line is told
    const complaints: string[] = [];
    createInterface({ input: keeper.stderr }).on('line', (line) => complaints.push(line));
    const onAbort = () => keeper.stdin.end();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const first = await firstLine(keeper, ended);
      if (signal?.aborted) {
        await ended;
        throw cancelled();
      }
      const ready = /^ready (\d+) (.*)$/.exec(first ?? '');
      if (!ready) {
        const code = await ended;
        const why = /^failed (.*)$/.exec(first ?? '')?.[1] ?? `its keeper ended with ${code}`;
        throw new KilnError(
          'tool-failed',
          `the tree could not be entered: ${[why, ...complaints].join('\n')}`,
        );
      }
      return new Sandbox(keeper, ended, complaints, entrance(ready[1]!, ready[2]!, settings, asRoot));
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** A command line that runs a program of the tree in it, as root, in the folder `/`. */
  enter(command: string, args: readonly string[]): readonly [string, readonly string[]] {
    const [program, before] = this.#entrance;
    return [program, [...before, command, ...args]];
  }

  /** Ends everything that runs in the tree, and takes away what was mounted. A second call waits for the first. */
  async close(): Promise<void> {
    this.#keeper.stdin?.end();
    // Something in the tree can sit in the kernel for long, such as on a network filesystem.
    const timer = setTimeout(() => endGroup(this.#keeper), 30_000);
    const code = await this.#ended.finally(() => clearTimeout(timer));
    if (code !== 0 && this.#complaints.length > 0) {
      throw new KilnError('tool-failed', `the tree was not left in order: ${this.#complaints.join('\n')}`);
    }
  }
}

/**
 * What reaches beyond the tree is given up: kernel modules, the clock, devices (which ordinary users cannot make
 * either, so that both get the same), and the network's settings where it is the host's.
 */
const givenUp = ['sys_module', 'sys_rawio', 'sys_boot', 'sys_time', 'syslog', 'mknod'];

function entrance(
  pid: string,
  tree: string,
  { network }: Omit<SandboxSettings, 'asRoot'>,
  asRoot: boolean,
): readonly [string, readonly string[]] {
  const root = `/proc/${pid}/root${tree}`;
  const enter = [
    ...['--target', pid, '--mount', '--pid', '--uts', '--ipc'],
    ...(network === 'none' ? ['--net'] : []),
    ...(asRoot ? [] : ['--user']),
    ...[`--root=${root}`, `--wd=${root}`, '--'],
  ];
  if (!asRoot) return ['nsenter', enter];
  const capabilities = network === 'host' ? [...givenUp, 'net_admin'] : givenUp;
  const bounding = capabilities.map((name) => `-${name}`).join(',');
  return ['setpriv', ['--bounding-set', bounding, 'nsenter', ...enter]];
}

/** Undefined when it ends without one. */
async function firstLine(keeper: ChildProcess, ended: Promise<number>): Promise<string | undefined> {
  const lines = createInterface({ input: keeper.stdout! });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  const first = await Promise.race([line, ended.then(() => undefined)]);
  lines.removeAllListeners('line');
  lines.on('line', () => {});
  return first;
}
