import { type MachineRecord, machineFiles } from '../machine-record.ts';
import type { MachineServices } from '../machine-services.ts';
import { connectToMachine } from '../start-machine.ts';
import type { OpenGuest } from './reopening-guest.ts';

/** How provisioners and triggers reach a machine that runs. */
export function openGuestOf(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
): OpenGuest {
  return (signal) =>
    connectToMachine(services, record, machineFiles(services.home, record.id), signal ?? services.signal);
}
