import { withLock } from '../base/locks.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import { isContainer, upContainer } from './containers/up-container.ts';
import { broughtDisks, makeExtraDisks } from './extra-disks.ts';
import { findOwn, machineLock } from './find-machine.ts';
import { type MachineRecord, machineFiles, machineState, writeRecord } from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { makeMachine, type StartKind, timeoutOf } from './make-machine.ts';
import { changeable, describeImage, newRecord } from './new-record.ts';
import { offerAgent } from './offer-agent.ts';
import { serveBeforeBoot, settleSurroundings } from './settle-surroundings.ts';
import { abandonStart, startQemu, waitForLogin } from './start-machine.ts';
import { destroyMachine, removeAbandonedMachines } from './stop-machine.ts';
import { storeImage } from './store-image.ts';
import { prepareSurroundings } from './surroundings.ts';
import { resumeMachine } from './suspend-machine.ts';

export interface UpRequest {
  /** Folder of the kiln.yaml; undefined for a machine straight from an image. */
  readonly project?: string;
  readonly spec: MachineSpec;
  /** What a new machine is to be once it is provisioned (provision/provisioned-key.ts), where that has a name. */
  readonly provisionedKey?: string;
}

export interface UpOutcome {
  readonly record: MachineRecord;
  readonly what: 'created' | 'started' | 'resumed' | 'was-running';
  /** How it was started, when it was. */
  readonly start?: StartKind;
}

/** Another `up` of the same machine may take this long, in milliseconds. */
const patience = 15 * 60_000;

/**
 * Brings a machine up, whatever it is now: makes it, starts it, wakes it, or finds it running. A machine that could
 * not be made leaves nothing behind; one that existed before stays.
 * @throws KilnError
 */
export async function upMachine(services: MachineServices, request: UpRequest): Promise<UpOutcome> {
  const { project, spec } = request;
  const lock = machineLock(services.home, project, spec.name);
  const options = {
    what: `the machine ${spec.name}`,
    wait: patience,
    signal: services.signal,
    onWait: () => tell(services, spec.name, 'waiting for another command that is bringing it up'),
  };
  return withLock(lock, options, async () => {
    await removeAbandonedMachines(services);
    const existing = await findOwn(services.home, project, spec.name);
    if (isContainer(spec)) return upContainer(services, project, spec, existing);
    const outcome = await bringUp(services, request, existing);
    if (outcome.what !== 'was-running') await settleSurroundings(services, outcome.record, spec);
    return outcome;
  });
}

async function bringUp(
  services: MachineServices,
  request: UpRequest,
  existing: MachineRecord | undefined,
): Promise<UpOutcome> {
  const { spec } = request;
  if (!existing) return create(services, request);
  switch (await machineState(services.home, existing.id)) {
    case 'running':
      return { record: existing, what: 'was-running' };
    case 'suspended':
      return { record: await resumeMachine(services, existing), what: 'resumed' };
    case 'halted':
      return startExisting(
        services,
        { ...withoutChangeable(existing), ...changeable(spec, broughtDisks(existing.disks)) },
        spec,
      );
  }
}

/** Image, record, disk, start, identity. */
async function create(
  services: MachineServices,
  { project, spec, provisionedKey }: UpRequest,
): Promise<UpOutcome> {
  const { emit, signal } = services;
  const local = await services.images.resolve(spec.image, { emit, build: spec.name, signal });
  const image = await storeImage(services, local, describeImage(spec.image));
  const record = newRecord(spec, image, project);
  await writeRecord(services.home, record);
  try {
    return { ...(await makeMachine(services, record, spec, image, provisionedKey)), what: 'created' };
  } catch (error) {
    await destroyMachine(services, record);
    throw error;
  }
}

async function startExisting(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
): Promise<UpOutcome> {
  tell(services, record.name, 'booting');
  const files = machineFiles(services.home, record.id);
  await makeExtraDisks(services.home, files, record.disks ?? []);
  const surroundings = await prepareSurroundings(services, record, spec);
  await serveBeforeBoot(services, record, spec);
  const started = await startQemu(services, record, { surroundings });
  try {
    const guest = await waitForLogin(services, started, timeoutOf(spec));
    await offerAgent(services, guest);
    await guest.close();
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  }
  started.qemu.qmp.close();
  const why = 'a machine that was shut down boots from its own disk';
  return { record: started.record, what: 'started', start: { kind: 'cold', why } };
}

/** What the plan does not ask for any more is not kept either. */
function withoutChangeable(record: MachineRecord): MachineRecord {
  const {
    hardware: _h,
    disks: _d,
    sshForward: _s,
    portRange: _r,
    haltTimeout: _t,
    primary: _p,
    ...rest
  } = record;
  return rest;
}
