import { cancelled } from '../../base/cancellation.ts';
import { findVagrantfile } from '../../dialects/vagrant/find-vagrantfile.ts';
import { bootstrapImage } from '../../hosts/rootfs/bootstrap-image.ts';
import { cleanUpAfterTheDead } from '../../machines/clean-up.ts';
import type { MachineServices } from '../../machines/machine-services.ts';
import { refreshInclude } from '../../machines/ssh-include.ts';
import { createImageResolver } from '../../sources/resolver.ts';
import { openStore } from '../../store/store.ts';
import type { CliContext } from '../context.ts';
import { findProject } from '../find-project.ts';
import { watchInterrupts } from '../interrupts.ts';
import { createPlainRenderer } from '../render/plain.ts';
import type { Renderer } from '../render/renderer.ts';
import { homeOf } from './machine-targets.ts';

/**
 * Runs the work of one of Kiln's own commands on machines. Where the project has a Vagrantfile, what came of it is
 * written down for Vagrant, too.
 * @throws as `withMachineServices`
 */
export async function withMachines<T>(
  context: CliContext,
  work: (services: MachineServices) => Promise<T>,
  renderer?: Renderer,
): Promise<T> {
  try {
    return await withMachineServices(context, work, renderer);
  } finally {
    await tellVagrant(context);
  }
}

async function tellVagrant(context: CliContext): Promise<void> {
  if (findProject(undefined, context)?.kind !== 'vagrant') return;
  const { syncVagrantState } = await import('../vagrant/state/sync-state.ts');
  const place = findVagrantfile(context.cwd, context.env);
  if (place !== undefined) await syncVagrantState({ place, home: homeOf(context), env: context.env });
}

/**
 * Runs work on machines: with the store behind it, progress in front of it, and Ctrl-C as a polite end. What dead
 * commands left behind is cleaned up first.
 * @throws KilnError `cancelled` when a signal ended it
 */
export async function withMachineServices<T>(
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
    await refreshInclude(home);
  }
}
