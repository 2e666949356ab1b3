import { sleep } from '../../base/cancellation.ts';
import { formatDuration } from '../../base/durations.ts';
import { KilnError } from '../../base/errors.ts';
import type { HostContext } from '../host.ts';
import { parseBootCommand } from './boot-command.ts';
import { endedUnexpectedly, type RunningQemu } from './launch.ts';
import { bootData, type PreparedBuild } from './prepare-build.ts';
import type { StartedMachinery } from './start-machine.ts';
import { typeKeys } from './type-keys.ts';

/**
 * Types the boot command, after the time the template gives the firmware. A machine with nothing to type is not
 * waited for: whoever talks to it next notices when it is ready.
 * @throws KilnError
 */
export async function typeBootCommand(
  prepared: PreparedBuild,
  { qemu }: StartedMachinery,
  context: HostContext,
): Promise<void> {
  const { boot } = prepared.source;
  const data = bootData(prepared);
  // Joined before reading: an expression may be spread over two elements.
  const groups = boot.command.map((text) => context.render(text, data));
  const text = groups.join('');
  if (text === '') return;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const typing = async () => {
    if (boot.wait > 0) {
      context.say(`Waiting ${formatDuration(boot.wait)} for the machine to be ready for the boot command`);
      await sleep(boot.wait, signal);
    }
    context.say('Typing the boot command');
    await typeKeys(qemu.qmp, parseBootCommand(text), {
      ...(boot.keyInterval === undefined ? {} : { interval: boot.keyInterval }),
      signal,
    });
    if (boot.keyGroupInterval > 0) await sleep(boot.keyGroupInterval, signal);
  };
  try {
    await typeUntilEnd(typing(), qemu);
  } finally {
    over.abort();
  }
}

/** A machine may be turned off by what is typed, and takes the connection along before the key is released. */
async function typeUntilEnd(typing: Promise<void>, qemu: RunningQemu): Promise<void> {
  const ended = qemu.ended.then((exit) => {
    if (exit.code !== 0) throw endedUnexpectedly(exit);
  });
  const typed = typing.catch((error: unknown) => {
    if (error instanceof KilnError && error.code === 'qemu-failed') return ended;
    throw error;
  });
  typed.catch(() => {}); // when the end was seen first, nobody looks at how the typing ended
  await Promise.race([typed, ended]);
}
