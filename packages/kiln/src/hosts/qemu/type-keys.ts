import { sleep, throwIfCancelled } from '../../base/cancellation.ts';
import { parseDuration } from '../../base/durations.ts';
import type { BootAction } from './boot-command.ts';
import { keyEvents } from './keyboard.ts';
import type { Qmp } from './qmp.ts';

/**
 * Pause after each key event when nobody asked for another. Firmware and boot loaders poll the keyboard, which holds
 * 16 bytes; a slow emulated guest still takes them in at this pace, ten times as fast as Packer's.
 */
const defaultInterval = 12;

export interface TypingPace {
  /** After each key going down or up. The environment's PACKER_KEY_INTERVAL counts when not given. */
  readonly interval?: number;
  readonly signal: AbortSignal;
}

/**
 * Types at the machine's keyboard over the control connection.
 * @throws KilnError `unsupported`, `qemu-failed`, `cancelled`
 */
export async function typeKeys(qmp: Qmp, actions: readonly BootAction[], pace: TypingPace): Promise<void> {
  const interval = pace.interval ?? environmentInterval() ?? defaultInterval;
  for (const action of actions) {
    throwIfCancelled(pace.signal);
    if (action.kind === 'wait') {
      await sleep(action.milliseconds, pace.signal);
      continue;
    }
    for (const { code, down } of keyEvents(action)) {
      await qmp.expect('input-send-event', {
        events: [{ type: 'key', data: { down, key: { type: 'qcode', data: code } } }],
      });
      await sleep(interval, pace.signal);
    }
  }
}

function environmentInterval(): number | undefined {
  const value = process.env['PACKER_KEY_INTERVAL'];
  const interval = value === undefined ? undefined : parseDuration(value);
  return interval !== undefined && interval >= 0 ? interval : undefined;
}
