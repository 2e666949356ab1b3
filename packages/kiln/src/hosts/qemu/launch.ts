import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled, throwIfCancelled } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { signalQuietly } from '../../base/processes.ts';
import type { Run } from '../../store/run.ts';
import { findProgram, needProgram } from './programs.ts';
import { Qmp } from './qmp.ts';

export interface QemuLaunch {
  /** QEMU's program; looked up in PATH unless it is a path. */
  readonly binary: string;
  /** Everything but the control socket, which `launchQemu` adds. */
  readonly argv: readonly string[];
  /** Folder for the control socket and for what QEMU prints; its path must be short (sockets: 107 bytes). */
  readonly scratch: string;
  /**
   * The run that the process must not outlive. Without it the machine goes on when Kiln ends, and somebody else
   * must know the pid.
   */
  readonly run?: Pick<Run, 'ownProcess'>;
  readonly signal?: AbortSignal;
}

export interface QemuExit {
  /** Undefined when a signal ended it. */
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  /** What QEMU printed, the last lines of it. */
  readonly words: string;
  /** It was ended because the host's disk was full. */
  readonly diskFull?: true;
}

export interface RunningQemu {
  readonly qmp: Qmp;
  readonly pid: number;
  readonly qmpSocket: string;
  /** Settles once the process is gone. Never rejects. */
  readonly ended: Promise<QemuExit>;
  /** Ends the process at once and waits until it is gone. Calling it again is harmless. */
  kill(): Promise<void>;
}

/** Name of the control socket inside the scratch folder. */
export const qmpSocketName = 'qmp.sock';

/**
 * Starts QEMU and waits for the greeting on its control socket, which means that it has accepted every option.
 * When this throws, the process is gone.
 * @throws KilnError `tool-missing`, `qemu-failed` with QEMU's own words, `cancelled`
 */
export async function launchQemu(launch: QemuLaunch): Promise<RunningQemu> {
  const { argv, scratch, run, signal } = launch;
  if (signal) throwIfCancelled(signal);
  const binary = needProgram(launch.binary, 'runs virtual machines');
  const qmpSocket = join(scratch, qmpSocketName);
  if (Buffer.byteLength(qmpSocket) > 107) {
    throw new KilnError('qemu-failed', `the path of QEMU's control socket is too long: ${qmpSocket}`, {
      hint: 'point KILN_HOME at a folder with a shorter path',
    });
  }
  await rm(qmpSocket, { force: true });
  const log = join(scratch, 'qemu.log');
  const child = spawnQemu(
    binary,
    [...argv, '-qmp', `unix:${escapeComma(qmpSocket)},server=on,wait=off`],
    log,
    run !== undefined,
  );
  if (run && child.pid !== undefined) run.ownProcess(child.pid);
  let diskFull = false;
  const ended = exitOf(child, log).then((exit): QemuExit => (diskFull ? { ...exit, diskFull: true } : exit));
  const kill = async () => {
    // A machine that is meant to outlive Kiln does not keep it waiting; its end does.
    child.ref();
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      signalQuietly(child.pid, 'SIGKILL');
    }
    await ended;
    await rm(qmpSocket, { force: true });
  };
  const failed = ended.then((exit): never => {
    throw startFailure(binary, exit);
  });
  failed.catch(() => {}); // only of interest until the greeting
  try {
    const qmp = await Qmp.connectWhenReady(qmpSocket, failed, signal);
    void ended.then(() => qmp.close());
    // Nobody is there to make room for a build, which would only wait. A machine may go on when somebody has.
    if (run) {
      void whenDiskIsFull(qmp).then(() => {
        diskFull = true;
        return kill();
      });
    }
    return { qmp, pid: child.pid!, qmpSocket, ended, kill };
  } catch (error) {
    await kill();
    if (signal?.aborted) throw cancelled();
    // The socket may break a moment before the exit is seen; the exit has the better words.
    const exit = await ended;
    throw exit.signal === undefined ? startFailure(binary, exit) : error;
  }
}

/** The error for a QEMU that ended while it was needed. */
export function endedUnexpectedly(exit: QemuExit): KilnError {
  if (exit.diskFull) return hostDiskFull();
  const how = exit.signal === undefined ? `with code ${exit.code}` : `by ${exit.signal}`;
  return new KilnError('qemu-failed', `QEMU was ended ${how}${exit.words ? `: ${exit.words}` : ''}`, {
    hint:
      exit.signal === 'SIGKILL'
        ? 'the host may have run out of memory: give the machine less, or build fewer at once'
        : 'see what QEMU said',
  });
}

/** Resolves when the machine has been stopped because a write of its found no room on this host. */
export function whenDiskIsFull(qmp: Qmp): Promise<void> {
  return new Promise((resolve) => {
    qmp.onEvent(({ event, data }) => {
      if (event === 'BLOCK_IO_ERROR' && data['nospace'] === true && data['action'] === 'stop') resolve();
    });
  });
}

export function hostDiskFull(): KilnError {
  return new KilnError('disk-full', "no space left on this host's disk for what the machine writes", {
    hint: 'free some space or point KILN_HOME at a larger disk, then try again',
  });
}

/** QEMU separates suboptions with commas; one inside a value is written twice. */
export function escapeComma(value: string): string {
  return value.replaceAll(',', ',,');
}

function spawnQemu(binary: string, argv: readonly string[], log: string, bound: boolean): ChildProcess {
  // With setpriv the kernel itself ends QEMU when Kiln dies, even by SIGKILL, with no need for the next command.
  const setpriv = bound ? findProgram('setpriv') : undefined;
  const output = openSync(log, 'w', 0o600);
  try {
    const [program, args] = setpriv
      ? [setpriv, ['--pdeathsig', 'KILL', '--', binary, ...argv]]
      : [binary, [...argv]];
    const child = spawn(program, args, {
      stdio: ['ignore', output, output],
      // A group of its own: Ctrl-C at the terminal must reach Kiln only, which then ends the machine in order.
      detached: true,
    });
    if (!bound) child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

function exitOf(child: ChildProcess, log: string): Promise<QemuExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, words: error.message }));
    child.once('exit', (code, signal) => {
      const words = lastWords(log);
      resolve(signal === null ? { code: code ?? 0, words } : { signal, words });
    });
  });
}

function lastWords(log: string): string {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-12).join('\n');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return '';
    throw error;
  }
}

/** QEMU prefixes complaints about an option with the option itself: `qemu-…: -device foo: 'foo' is not …`. */
function startFailure(binary: string, exit: QemuExit): KilnError {
  const complaint = exit.words
    .split('\n')
    .map((line) => /^\S*qemu\S*: (-\S+(?: .*?)?): (.+)$/.exec(line))
    .findLast((match) => match !== null && !match[2]!.startsWith('warning:'));
  if (complaint) {
    return new KilnError('qemu-failed', `QEMU refuses ${complaint[1]}: ${complaint[2]}`, {
      hint: 'change the setting, or the entry in qemuargs, that the option comes from',
    });
  }
  const how = exit.signal === undefined ? `ended with ${exit.code}` : `was ended by ${exit.signal}`;
  return new KilnError(
    'qemu-failed',
    `${binary} did not start: ${exit.words || `it ${how} and said nothing`}`,
  );
}
