import { reapDeadRuns } from '../store/run.ts';
import type { Store } from '../store/store.ts';
import { sweepNetworks } from './networks/release-networks.ts';
import { removeAbandonedMachines } from './stop-machine.ts';

/**
 * Finishes what commands that were killed left behind: their runs, and machines that were never ready. Every command
 * of machines begins with it; it is cheap when there is nothing.
 */
export async function cleanUpAfterTheDead(services: {
  readonly home: string;
  readonly store: Store;
}): Promise<void> {
  await reapDeadRuns(services.home);
  await removeAbandonedMachines(services);
  await sweepNetworks(services.home);
}
