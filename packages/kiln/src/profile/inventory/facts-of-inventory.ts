import type { Facts } from '../../plan/profile.ts';
import type { Inventory } from './inventory.ts';

/** What an inventory tells of a machine, for conditions and texts of profiles. */
export function factsOfInventory({ os, architecture, settings, running }: Inventory): Facts {
  return {
    'os.distribution': os.id,
    ...(os.version === undefined ? {} : { 'os.release': os.version }),
    'os.codename': os.codename ?? '',
    ...(architecture === undefined ? {} : { architecture }),
    ...(settings.hostname === undefined ? {} : { hostname: settings.hostname.split('.')[0]! }),
    ...(running === undefined ? {} : { kernel: running.kernel.split('-')[0]! }),
  };
}
