import { cancelled } from '../../base/cancellation.ts';
import { bootstrapImage } from '../../hosts/rootfs/bootstrap-image.ts';
import { cleanUpAfterTheDead } from '../../machines/clean-up.ts';
import type { MachineServices } from '../../machines/machine-services.ts';
import { createImageResolver } from '../../sources/resolver.ts';
import { openStore } from '../../store/store.ts';
import type { CliContext } from '../context.ts';
import { watchInterrupts } from '../interrupts.ts';
import { createPlainRenderer } from '../render/plain.ts';
import type { Renderer } from '../render/renderer.ts';
import { homeOf } from './machine-targets.ts';

/**
 * Runs work on machines: with the store behind it, progress in front of it, and Ctrl-C as a polite end. What dead
 * commands left behind is cleaned up first.
 * @throws KilnError `cancelled` when a signal ended it
 */
export async function withMachines<T>(
  context: CliContext,
  work: (services: MachineServices) => Promise<T>,
  renderer: Renderer = createPlainRenderer(context.stderr, { timestamps: false }),
): Promise<T> {
  const home = homeOf(context);
  const store = openStore(home);
  await cleanUpAfterTheDead({ home, store });
  const interrupts = watchInterrupts((text) => renderer.note(text));
  try {
    return await work({
      home,
      store,
      images: createImageResolver({
        store,
        env: context.env,
        bootstrap: (ref, resolveContext) => bootstrapImage(store, ref, resolveContext),
      }),
      emit: renderer.event,
      signal: interrupts.signal,
    });
  } catch (error) {
    throw interrupts.signal.aborted ? cancelled() : error;
  } finally {
    interrupts.close();
    renderer.close();
  }
}
