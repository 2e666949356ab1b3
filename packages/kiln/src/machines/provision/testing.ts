import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import { connectTo } from '../../guests/testing/connect.ts';
import type { TestSshd } from '../../guests/testing/sshd.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { type MachineSpec, plainMachine } from '../../plan/machine-spec.ts';
import type { Provisioner } from '../../plan/provisioner.ts';
import { shellStep } from '../../steps/testing/step-defaults.ts';
import { type MachineRecord, machineFiles, writeRecord } from '../machine-record.ts';
import { type ProvisionOutcome, type ProvisionRequest, provisionMachine } from './provision-machine.ts';
import type { ProvisionMode } from './provision-mode.ts';

/** A machine of which only its SSH server is real, with a home and a project of its own. */
export interface ProvisionScene {
  readonly home: string;
  readonly folder: string;
  readonly record: MachineRecord;
  readonly events: KilnEvent[];
  readonly provision: (
    provisioners: readonly Provisioner[],
    mode?: ProvisionMode,
    changes?: Partial<ProvisionRequest>,
  ) => Promise<ProvisionOutcome>;
}

export async function provisionScene(
  t: TestContext,
  server: Pick<TestSshd, 'port' | 'username' | 'key'>,
): Promise<ProvisionScene> {
  const root = await temporaryFolder(t);
  const [home, folder] = [join(root, 'home'), join(root, 'project')];
  await mkdir(folder);
  const record: MachineRecord = {
    schema: 1,
    id: '0badcafe',
    name: 'web',
    project: folder,
    createdAt: new Date(0).toISOString(),
    image: { description: 'none', seeded: true },
    cpus: 1,
    memory: 2 ** 30,
    hostname: 'web',
    firmware: 'bios',
    user: server.username,
    sshPort: server.port,
    ports: [],
  };
  await mkdir(machineFiles(home, record.id).folder, { recursive: true });
  await writeRecord(home, record);
  const events: KilnEvent[] = [];
  return {
    home,
    folder,
    record,
    events,
    provision: (provisioners, mode = { kind: 'automatic' }, changes = {}) =>
      provisionMachine(
        { home, emit: (event) => events.push(event), signal: new AbortController().signal },
        {
          record,
          spec: { provisioners },
          mode,
          openGuest: () => connectTo(server),
          folder,
          ...changes,
        },
      ),
  };
}

/** A provisioner that runs one script. */
export function script(name: string, line: string, changes: Partial<Provisioner> = {}): Provisioner {
  return { name, type: 'shell', run: 'once', needsGuest: true, steps: [shellStep([line])], ...changes };
}

/** A machine of which nothing is said but its provisioners. */
export function specWith(
  provisioners: readonly Provisioner[],
  changes: Partial<MachineSpec> = {},
): MachineSpec {
  return {
    ...plainMachine,
    name: 'web',
    image: { kind: 'distribution', distribution: 'debian', release: '12' },
    cpus: 1,
    memory: 2 ** 30,
    ports: [],
    firmware: 'bios',
    login: { user: 'kiln' },
    provisioners,
    ...changes,
  };
}
