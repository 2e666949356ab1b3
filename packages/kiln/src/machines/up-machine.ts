import { hostname as hostnameOfHost } from 'node:os';
import { KilnError } from '../base/errors.ts';
import { withLock } from '../base/locks.ts';
import { identifyProcess } from '../base/processes.ts';
import { formatSize } from '../base/sizes.ts';
import { createTemporaryKey } from '../guests/temporary-key.ts';
import { createOverlay } from '../hosts/qemu/disks.ts';
import type { ImageRef } from '../plan/image-ref.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import type { LocalImage } from '../sources/image-resolver.ts';
import { adoptKey } from './adopt-key.ts';
import { findOwn, machineLock } from './find-machine.ts';
import {
  type MachineRecord,
  machineFiles,
  machineState,
  newMachineId,
  writeRecord,
} from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { abandonStart, startQemu, waitForLogin, writeKeyPair } from './start-machine.ts';
import { destroyMachine, removeAbandonedMachines } from './stop-machine.ts';
import { storeImage } from './store-image.ts';
import { resumeMachine } from './suspend-machine.ts';

export interface UpRequest {
  /** Folder of the kiln.yaml; undefined for a machine straight from an image. */
  readonly project?: string;
  readonly spec: MachineSpec;
}

export interface UpOutcome {
  readonly record: MachineRecord;
  readonly what: 'created' | 'started' | 'resumed' | 'was-running';
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
    if (!existing) return { record: await create(services, request), what: 'created' };
    const state = await machineState(services.home, existing.id);
    if (state === 'running') return { record: existing, what: 'was-running' };
    if (state === 'suspended') {
      await resumeMachine(services, existing);
      return { record: (await findOwn(services.home, project, spec.name)) ?? existing, what: 'resumed' };
    }
    const record = await startExisting(services, { ...existing, ...changeable(spec) }, spec.login);
    return { record, what: 'started' };
  });
}

/** What may differ from one start to the next. */
function changeable(spec: MachineSpec): Pick<MachineRecord, 'cpus' | 'memory' | 'ports'> {
  return { cpus: spec.cpus, memory: spec.memory, ports: spec.ports };
}

async function startExisting(
  services: MachineServices,
  record: MachineRecord,
  { timeout }: MachineSpec['login'],
): Promise<MachineRecord> {
  tell(services, record.name, 'starting');
  const started = await startQemu(services, record);
  try {
    const guest = await waitForLogin(services, started, timeout === undefined ? {} : { timeout });
    await guest.close();
  } catch (error) {
    await abandonStart(started, machineFiles(services.home, record.id));
    throw error;
  }
  started.qemu.qmp.close();
  return started.record;
}

async function create(services: MachineServices, { project, spec }: UpRequest): Promise<MachineRecord> {
  const local = await services.images.resolve(spec.image, {
    emit: services.emit,
    build: spec.name,
    signal: services.signal,
  });
  const image = await storeImage(services, local, describeImage(spec.image));
  const id = newMachineId();
  const maker = identifyProcess(process.pid);
  const record: MachineRecord = {
    schema: 1,
    id,
    name: spec.name,
    createdAt: new Date().toISOString(),
    image: { description: describeImage(spec.image), id: image.digest, seeded: image.seeded },
    hostname: spec.hostname ?? hostnameFor(spec.name),
    firmware: spec.firmware,
    user: image.seeded ? (image.user ?? spec.login.user) : spec.login.user,
    sshPort: 2222,
    ...(spec.login.port === undefined ? {} : { guestSshPort: spec.login.port }),
    ...changeable(spec),
    ...(project === undefined ? {} : { project }),
    ...(maker === undefined ? {} : { maker }),
  };
  await writeRecord(services.home, record);
  try {
    return await makeAndStart(services, record, spec, image);
  } catch (error) {
    await destroyMachine(services, record);
    throw error;
  }
}

async function makeAndStart(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  image: LocalImage,
): Promise<MachineRecord> {
  const files = machineFiles(services.home, record.id);
  await services.store.pin({ kind: 'machine', id: record.id }, image.digest);
  if (spec.diskSize !== undefined && spec.diskSize < image.virtualSize) {
    throw new KilnError(
      'template-invalid',
      `the disk of ${spec.name} would be smaller than its image, which has ${formatSize(image.virtualSize)}`,
      { hint: 'give it more, or no size' },
    );
  }
  await createOverlay(files.disk, image.path, 'qcow2', spec.diskSize, { signal: services.signal });
  const comment = `kiln-${record.name}@${hostnameOfHost()}`;
  await writeKeyPair(files, await createTemporaryKey({ type: 'ed25519', name: comment }));
  tell(services, record.name, 'booting');
  const started = await startQemu(services, record);
  try {
    const { timeout } = spec.login;
    const first = image.seeded ? (timeout === undefined ? {} : { timeout }) : spec.login;
    const guest = await waitForLogin(services, started, first);
    if (!image.seeded) await adoptKey(guest, files, spec.login);
    await guest.close();
    const { maker: _done, ...ready } = started.record;
    await writeRecord(services.home, ready);
    return ready;
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  } finally {
    started.qemu.qmp.close();
  }
}

function describeImage(ref: ImageRef): string {
  switch (ref.kind) {
    case 'distribution':
      return `${ref.distribution}/${ref.release}`;
    case 'file':
      return ref.path;
    case 'url':
      return ref.urls[0] ?? 'a URL';
    case 'store':
      return ref.reference;
    case 'box':
      return ref.name;
    case 'empty':
      return 'an empty disk';
  }
}

/** RFC 1123: letters, digits and hyphens, at most 63. */
function hostnameFor(name: string): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return label.slice(0, 63) || 'machine';
}
