import type { MachineRecord } from '../machine-record.ts';
import type { MachineServices } from '../machine-services.ts';
import { openMachineGuest } from '../open-guest.ts';
import type { OpenGuest } from './reopening-guest.ts';

/** How provisioners and triggers reach a machine that runs. */
export function openGuestOf(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
): OpenGuest {
  return (signal) => openMachineGuest(services, record, { offersAgent: true, ...(signal && { signal }) });
}
