import { rm } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import { identifyProcess } from '../../base/processes.ts';
import { containerArguments } from '../../hosts/docker/container-arguments.ts';
import { containerImage } from '../../hosts/docker/container-image.ts';
import { type ContainerHandle, containerState } from '../../hosts/docker/container-state.ts';
import { docker, tryDocker } from '../../hosts/docker/docker-command.ts';
import type { ContainerSpec } from '../../plan/container-spec.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import { settlePorts } from '../host-ports.ts';
import { hostnameOf } from '../hostname.ts';
import { type MachineRecord, machineFiles, newMachineId, writeRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { checkFolders } from '../surroundings.ts';
import { containerOf, noteContainer } from './container-file.ts';
import { removeContainer } from './stop-container.ts';

type ContainerMachine = MachineSpec & { readonly container: ContainerSpec };

export function isContainer(spec: MachineSpec): spec is ContainerMachine {
  return spec.container !== undefined;
}

export interface ContainerOutcome {
  readonly record: MachineRecord;
  readonly what: 'created' | 'started' | 'resumed' | 'was-running';
}

/**
 * Brings a container up that stands for a machine, whatever it is now. To be called under the machine's lock.
 * @param existing the machine's record, if it has one
 * @throws KilnError `tool-missing` without an engine, `tool-failed`, `unsupported`, `file-missing`, `cancelled`
 */
export async function upContainer(
  services: MachineServices,
  project: string | undefined,
  spec: ContainerMachine,
  existing: MachineRecord | undefined,
): Promise<ContainerOutcome> {
  if (!existing) return { record: await create(services, project, spec), what: 'created' };
  const container = await containerOf(machineFiles(services.home, existing.id));
  switch (container ? await containerState(container, services.signal) : 'gone') {
    case 'running':
      return { record: existing, what: 'was-running' };
    case 'paused':
      await docker(['unpause', container!.name], { signal: services.signal });
      return { record: existing, what: 'resumed' };
    case 'stopped':
      await startContainer(services, spec, container!);
      return { record: existing, what: 'started' };
    case 'gone':
      // Somebody has removed it with the engine's own commands; what is left of it is this record.
      return { record: await fill(services, spec, existing), what: 'created' };
  }
}

async function create(
  services: MachineServices,
  project: string | undefined,
  spec: ContainerMachine,
): Promise<MachineRecord> {
  const maker = identifyProcess(process.pid);
  const record: MachineRecord = {
    schema: 1,
    id: newMachineId(),
    name: spec.name,
    createdAt: new Date().toISOString(),
    image: { description: describe(spec.container), seeded: false },
    hostname: spec.hostname ?? hostnameOf(spec.name),
    cpus: spec.cpus,
    memory: spec.memory,
    firmware: spec.firmware,
    user: 'root',
    sshPort: 0,
    ports: spec.ports,
    ...(project === undefined ? {} : { project }),
    ...(maker === undefined ? {} : { maker }),
  };
  await writeRecord(services.home, record);
  try {
    return await fill(services, spec, record);
  } catch (error) {
    await rm(machineFiles(services.home, record.id).folder, { recursive: true, force: true });
    throw error;
  }
}

/** Makes and starts the container of a record. One that cannot be made leaves nothing behind. */
async function fill(
  services: MachineServices,
  spec: ContainerMachine,
  begun: MachineRecord,
): Promise<MachineRecord> {
  const files = machineFiles(services.home, begun.id);
  const say = (text: string) => tell(services, spec.name, text);
  const name = spec.container.name ?? `kiln-${spec.name.replace(/[^a-zA-Z0-9_.-]/g, '-')}-${begun.id}`;
  const container = { name, machine: begun.id };
  try {
    await checkFolders(spec);
    const image = await containerImage(spec.container, { signal: services.signal, say });
    const { ports, changes } = await settlePorts(spec.ports, new Set());
    for (const { wanted, got } of changes) {
      if (wanted === got.host) continue;
      say(`port ${wanted} is in use; ${got.hostAddress}:${got.host} leads to ${got.guest} instead`);
    }
    const args = containerArguments({
      ...{ spec, id: begun.id, name, image, ports, hostname: begun.hostname },
    });
    const env = { ...process.env, ...spec.container.environment };
    await noteContainer(files, name);
    await docker(args, { signal: services.signal, env });
    await startContainer(services, spec, container);
    const { maker: _done, ...rest } = begun;
    const record = { ...rest, ports };
    await writeRecord(services.home, record);
    return record;
  } catch (error) {
    await removeContainer(files);
    throw error;
  }
}

/** How long a container has to show that it goes on running, in milliseconds. */
const settling = 300;

async function startContainer(
  services: MachineServices,
  { container: spec, name }: ContainerMachine,
  container: ContainerHandle,
): Promise<void> {
  tell(services, name, 'starting the container');
  await docker(['start', container.name], { signal: services.signal });
  if (!spec.remainsRunning) {
    const { stdout } = await docker(['wait', container.name], { signal: services.signal });
    const code = Number(stdout.trim());
    await showLogs(services, name, container.name);
    if (code !== 0)
      throw new KilnError('tool-failed', `the command of the container ${name} ended with ${code}`);
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, settling));
  if ((await containerState(container, services.signal)) === 'running') return;
  await showLogs(services, name, container.name);
  throw new KilnError('tool-failed', `the container ${name} ended as soon as it had started`, {
    hint: 'its output is above; a container that only does its work and ends needs `remains_running = false`',
  });
}

async function showLogs(services: MachineServices, name: string, container: string): Promise<void> {
  const { stdout, stderr } = await tryDocker(['logs', '--tail', '50', container], {
    signal: services.signal,
  });
  for (const line of `${stdout}${stderr}`.split('\n')) if (line !== '') tell(services, name, line);
}

function describe({ from }: ContainerSpec): string {
  switch (from.kind) {
    case 'image':
      return `container of ${from.reference}`;
    case 'build':
      return `container built from ${from.context}`;
    case 'compose':
      return 'composition';
  }
}
