import { Sandbox } from './chroot/sandbox.ts';
import { type SandboxBind, type SandboxRoot, systemPath } from './chroot/sandbox-script.ts';
import { ProgramGuest, throughProgram } from './program-guest.ts';

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
export class ChrootGuest extends ProgramGuest {
  private constructor(sandbox: Sandbox, environment: Readonly<Record<string, string>>) {
    super({
      kind: 'chroot',
      start: throughProgram(
        (command) => sandbox.enter('/bin/sh', ['-c', enterHome, 'sh', command]),
        environment,
      ),
      isThere: () => sandbox.alive,
      close: () => sandbox.close(),
      closedMessage: 'the tree was closed',
    });
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
