import { KilnError } from '../../base/errors.ts';
import { connectSsh } from '../../guests/connect-ssh.ts';
import type { Guest } from '../../guests/guest.ts';
import { noGuest } from '../../guests/no-guest.ts';
import type { HostContext } from '../host.ts';
import { endedUnexpectedly, type QemuExit, type RunningQemu } from './launch.ts';
import { waitForBridgedAddress } from './network.ts';
import type { PreparedBuild } from './prepare-build.ts';
import type { StartedMachinery } from './start-machine.ts';

/** A guest and where it was reached. */
export interface ConnectedGuest {
  readonly guest: Guest;
  readonly host: string;
  readonly port: number;
}

/**
 * Waits until the machine can be talked to. A QEMU that ends meanwhile ends the wait at once.
 * @throws KilnError `qemu-failed`, `guest-unreachable`, `guest-login-refused`, `cancelled`
 */
export async function connectGuest(
  prepared: PreparedBuild,
  { qemu, forwardedPort }: StartedMachinery,
  context: HostContext,
): Promise<ConnectedGuest> {
  const { communicator, hardware } = prepared.source;
  if (communicator.kind === 'none') {
    return { guest: noGuest('the communicator is "none"'), host: '', port: 0 };
  }
  const bridge = hardware.netBridge;
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const connecting = (async (): Promise<ConnectedGuest> => {
    const host =
      communicator.host ??
      (bridge ? await waitForBridgedAddress(qemu.qmp, bridge, communicator.timeout, signal) : '127.0.0.1');
    const port = forwardedPort ?? communicator.port;
    context.say(`Waiting for SSH on ${host}:${port}`);
    const guest = await connectSsh({
      communicator,
      host,
      port,
      signal,
      onMessage: context.say,
      ...(prepared.password === undefined ? {} : { password: prepared.password }),
      ...(prepared.key ? { privateKeys: [prepared.key.privateKey] } : {}),
    });
    return { guest, host, port };
  })();
  const first = await Promise.race([connecting, qemu.ended]);
  if ('guest' in first) return first;
  stop.abort();
  // Won in the same moment: nobody will use it.
  await connecting.then(
    ({ guest }) => guest.close(),
    () => {},
  );
  throw first.code === 0 ? turnedOff() : endedUnexpectedly(first);
}

function turnedOff(): KilnError {
  return new KilnError('guest-unreachable', 'the machine turned itself off before anyone could log in', {
    hint: 'look at its screen over VNC, or at its console, to see why',
  });
}

function machineIsOff(): KilnError {
  return new KilnError('guest-disconnected', 'the machine has been turned off', {
    hint: 'a step that turns the machine off must be the last one',
  });
}

/** How long a call may go on after the machine was turned off in order, in milliseconds. */
const reconnectGrace = 2000;

/**
 * The same guest, with QEMU's death told as what it is: to the connection it looks like any other break, and the
 * guest would wait for a machine that never comes back.
 */
export function guardGuest(guest: Guest, qemu: Pick<RunningQemu, 'ended'>): Guest {
  if (guest.kind === 'none') return guest;
  let exit: QemuExit | undefined;
  const died = qemu.ended.then(async (ending): Promise<never> => {
    exit = ending;
    if (ending.code !== 0) throw endedUnexpectedly(ending);
    // What was running sees its connection break and tells how it ended; what tries to reconnect has to be told.
    await new Promise((resolve) => setTimeout(resolve, reconnectGrace).unref());
    throw machineIsOff();
  });
  died.catch(() => {});
  const guarded = async <T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const before = exit;
    if (before !== undefined) throw before.code === 0 ? machineIsOff() : endedUnexpectedly(before);
    const gone = new AbortController();
    const stop = signal ? AbortSignal.any([signal, gone.signal]) : gone.signal;
    const working = work(stop);
    try {
      return await Promise.race([working, died]);
    } catch (error) {
      gone.abort();
      working.catch(() => {});
      if (error instanceof KilnError && error.code === 'guest-disconnected') await settle();
      throw exit !== undefined && exit.code !== 0 && !signal?.aborted ? endedUnexpectedly(exit) : error;
    }
  };
  return {
    kind: guest.kind,
    exec: (command) =>
      guarded(async (signal) => {
        const result = await guest.exec({ ...command, signal });
        if (result.kind === 'disconnected') {
          await settle();
          if (exit !== undefined && exit.code !== 0) throw endedUnexpectedly(exit);
        }
        return result;
      }, command.signal),
    upload: (file) => guarded((signal) => guest.upload({ ...file, signal }), file.signal),
    uploadTree: (from, to, options = {}) =>
      guarded((signal) => guest.uploadTree(from, to, { ...options, signal }), options.signal),
    download: (from, to, options = {}) =>
      guarded((signal) => guest.download(from, to, { ...options, signal }), options.signal),
    downloadTree: (from, to, options = {}) =>
      guarded((signal) => guest.downloadTree(from, to, { ...options, signal }), options.signal),
    close: () => guest.close(),
  };

  /** The connection breaks a moment before the process is seen to have ended. */
  async function settle(): Promise<void> {
    await Promise.race([qemu.ended, new Promise((resolve) => setTimeout(resolve, 200).unref())]);
  }
}
