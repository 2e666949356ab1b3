import { cancelled } from '../../base/cancellation.ts';
import { formatDuration } from '../../base/durations.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { Guest, GuestExit } from '../../guests/guest.ts';
import { endedUnexpectedly, type QemuExit, type RunningQemu } from './launch.ts';

export interface Shutdown {
  /** Run in the machine, holes filled. */
  readonly command?: string;
  readonly acpi: boolean;
  /** In milliseconds. */
  readonly timeout: number;
  /** The machine turns itself off; nobody tells it to. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * Turns a machine off and waits until QEMU is gone, with all that it held written to the disks. Without a command,
 * ACPI or waiting it is stopped hard, like pulling the plug.
 * @throws KilnError `guest-unreachable` when the time is over, `step-failed` when the command is not to be had,
 *   `qemu-failed`, `cancelled`
 */
export async function shutDown(qemu: RunningQemu, guest: Guest, shutdown: Shutdown): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), shutdown.timeout);
  const stop = AbortSignal.any([shutdown.signal, limit.signal]);
  try {
    if (shutdown.command !== undefined && !shutdown.wait) {
      await tellToStop(guest, shutdown.command, qemu.ended, stop, shutdown);
    } else if (shutdown.acpi && !shutdown.wait) {
      await qemu.qmp.execute('system_powerdown');
    } else if (!shutdown.wait) {
      await pullThePlug(qemu);
      return;
    }
    const exit = await raceSignal(qemu.ended, stop);
    if (exit === undefined) {
      if (shutdown.signal.aborted) throw cancelled();
      throw new KilnError(
        'guest-unreachable',
        `the machine did not turn itself off within ${formatDuration(shutdown.timeout)}`,
        { hint: 'check shutdown_command, or raise shutdown_timeout' },
      );
    }
    if (exit.code !== 0) throw endedUnexpectedly(exit);
  } finally {
    clearTimeout(timer);
  }
}

/** Stops the machine without asking it, but lets QEMU write what it still holds. */
export async function pullThePlug(qemu: RunningQemu, graceMilliseconds = 10_000): Promise<void> {
  // The answer may be lost to QEMU's own end, which is what was asked for.
  qemu.qmp.execute('quit').catch(() => {});
  if ((await raceSignal(qemu.ended, AbortSignal.timeout(graceMilliseconds))) === undefined) await qemu.kill();
}

async function tellToStop(
  guest: Guest,
  command: string,
  ended: Promise<QemuExit>,
  stop: AbortSignal,
  { onLine }: Shutdown,
): Promise<void> {
  const done = new AbortController();
  const running: Promise<GuestExit | 'broken'> = guest
    .exec({ command, onLine, signal: AbortSignal.any([stop, done.signal]) })
    .catch((error: unknown): 'broken' => {
      // A machine that goes down takes the connection along, in one way or the other.
      if (error instanceof KilnError || isSystemError(error, 'ECONNRESET', 'EPIPE')) return 'broken';
      throw error;
    });
  const result = await Promise.race([running, ended]);
  done.abort();
  if (typeof result === 'object' && 'kind' in result && result.kind === 'exited') {
    if (result.code === 126 || result.code === 127) {
      throw new KilnError(
        'step-failed',
        `shutdown_command cannot be run in the machine (exit code ${result.code}): ${command}`,
        {
          hint: 'name a program that exists in the machine, such as `sudo systemctl poweroff`',
        },
      );
    }
  }
}

async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.race([promise, Promise.resolve(undefined)]);
  let onAbort = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
