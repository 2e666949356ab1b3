import { withLock } from '../../base/locks.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import { machineLock } from '../find-machine.ts';
import type { MachineRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { settleSurroundings } from '../settle-surroundings.ts';
import { openGuestOf } from './open-guest.ts';
import { type ProvisionOutcome, type ProvisionRequest, provisionMachine } from './provision-machine.ts';

/** Provisioners of another command may take this long, in milliseconds. */
const patience = 60 * 60_000;

/**
 * Provisions a machine that is up, under its lock: of several commands at once the first does it, and the others find
 * it done.
 * @throws KilnError as `provisionMachine`, `locked`
 */
export async function provisionAfterUp(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  request: Pick<ProvisionRequest, 'mode'> & Partial<ProvisionRequest>,
): Promise<ProvisionOutcome> {
  // Nothing is noted either: provisioners that the file gets later have not run yet.
  if (spec.provisioners.length === 0) return { ran: [], isProvisioned: false, wasProvisioned: false };
  const lock = machineLock(services.home, record.project, record.name);
  const options = {
    what: `the machine ${record.name}`,
    wait: patience,
    signal: services.signal,
    onWait: () => tell(services, record.name, 'waiting for another command that is working on it'),
  };
  return withLock(lock, options, () =>
    provisionMachine(services, {
      openGuest: openGuestOf(services, record),
      onRestarted: () => settleSurroundings(services, record, spec),
      ...request,
      record,
      spec,
    }),
  );
}
