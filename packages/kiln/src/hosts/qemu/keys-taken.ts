import { sleep } from '../../base/cancellation.ts';
import type { Qmp } from './qmp.ts';

/** How long the machine may take to look at a key before the sign is taken for one that means nothing. */
const patience = 2000;
const pollMilliseconds = 4;

/**
 * Sees whether the machine has taken the keys that were typed. The keyboard holds 16 bytes and the BIOS 15 keys, and
 * what comes on top is lost: a slow machine needs somebody who waits. Two places tell:
 * - the keyboard controller's status (port 0x64): bit 0 says that a byte waits to be read;
 * - the BIOS's buffer: head and tail at 0x41a and 0x41c are equal when it is empty.
 *
 * Both are read from outside, without the machine noticing. A machine without them, or a system that uses them in
 * another way, shows it by never getting empty, and is not looked at again.
 */
export class KeysTaken {
  #qmp: Qmp;
  #signs: Sign[] = [controllerIsEmpty, biosBufferIsEmpty];

  constructor(qmp: Qmp) {
    this.#qmp = qmp;
  }

  /** Waits until everything typed so far has been taken, as far as that can be seen. @throws KilnError `cancelled` */
  async wait(signal: AbortSignal): Promise<void> {
    for (const sign of this.#signs) {
      const deadline = performance.now() + patience;
      for (;;) {
        const empty = await sign(this.#qmp);
        if (empty === true) break;
        if (empty === undefined || performance.now() > deadline) {
          this.#signs = this.#signs.filter((one) => one !== sign);
          break;
        }
        await sleep(pollMilliseconds, signal);
      }
    }
  }
}

/** True when no key waits there; undefined when that cannot be told. */
type Sign = (qmp: Qmp) => Promise<boolean | undefined>;

const controllerIsEmpty: Sign = async (qmp) => {
  const status = /= (0x[0-9a-f]+)/.exec(await monitor(qmp, 'i /b 0x64'))?.[1];
  // A port that nothing answers at reads as all ones.
  return status === undefined || status === '0xff' ? undefined : (Number(status) & 1) === 0;
};

const biosBufferIsEmpty: Sign = async (qmp) => {
  const ends = /: (0x[0-9a-f]{4}) (0x[0-9a-f]{4})\s*$/.exec(await monitor(qmp, 'xp /2hx 0x41a'));
  return ends ? ends[1] === ends[2] : undefined;
};

async function monitor(qmp: Qmp, line: string): Promise<string> {
  const reply = await qmp.execute<string>('human-monitor-command', { 'command-line': line });
  return reply.ok ? reply.value : '';
}
