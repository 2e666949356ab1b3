import { sleep, throwIfCancelled } from '../../base/cancellation.ts';
import { parseDuration } from '../../base/durations.ts';
import { KilnError } from '../../base/errors.ts';
import type { BootAction } from './boot-command.ts';
import { keyEvents } from './keyboard.ts';
import { KeysTaken } from './keys-taken.ts';
import type { Qmp } from './qmp.ts';

/**
 * Pause after each key event when nobody asked for another, a tenth of Packer's. No key is lost to it: a machine that
 * is slower is waited for.
 */
const defaultInterval = 10;

export interface TypingPace {
  /** After each key going down or up. The environment's PACKER_KEY_INTERVAL counts when not given. */
  readonly interval?: number;
  readonly signal: AbortSignal;
}

/**
 * Types at the machine's keyboard over the control connection.
 * @throws KilnError `unsupported`, `qemu-failed` when the connection breaks, `cancelled`
 */
export async function typeKeys(qmp: Qmp, actions: readonly BootAction[], pace: TypingPace): Promise<void> {
  const interval = pace.interval ?? environmentInterval() ?? defaultInterval;
  const taken = new KeysTaken(qmp);
  for (const action of actions) {
    throwIfCancelled(pace.signal);
    if (action.kind === 'wait') {
      await sleep(action.milliseconds, pace.signal);
      continue;
    }
    for (const { code, down } of keyEvents(action)) {
      const reply = await qmp.execute('input-send-event', {
        events: [{ type: 'key', data: { down, key: { type: 'qcode', data: code } } }],
      });
      if (!reply.ok) {
        throw new KilnError(
          'unsupported',
          `boot_command: QEMU refuses the key "${code}": ${reply.description}`,
        );
      }
      await sleep(interval, pace.signal);
    }
    await taken.wait(pace.signal);
  }
}

function environmentInterval(): number | undefined {
  const value = process.env['PACKER_KEY_INTERVAL'];
  const interval = value === undefined ? undefined : parseDuration(value);
  return interval !== undefined && interval >= 0 ? interval : undefined;
}
