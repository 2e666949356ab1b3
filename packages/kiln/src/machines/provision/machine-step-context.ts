import { exists } from '../../base/files.ts';
import type { BuildReporter } from '../../engine/build-reporter.ts';
import type { Guest } from '../../guests/guest.ts';
import { fetchFile } from '../../sources/fetch-file.ts';
import type { MachineConnection } from '../../steps/machine-connection.ts';
import type { StepContext } from '../../steps/step-context.ts';
import type { Run } from '../../store/run.ts';
import { createRenderer } from '../../text/render-text.ts';
import { listRecords, type MachineRecord, machineFiles, machineState } from '../machine-record.ts';

export interface MachineStepSetup {
  readonly home: string;
  readonly record: MachineRecord;
  readonly guest: Guest;
  readonly reporter: BuildReporter;
  readonly run: Run;
  readonly signal: AbortSignal;
  /** Folder that relative paths of the steps refer to. */
  readonly folder: string;
  readonly ask?: StepContext['ask'];
  readonly restarted?: () => Promise<void>;
}

/** What steps in a machine work with; in builds the engine gives them that. */
export function machineStepContext(setup: MachineStepSetup): StepContext {
  const { home, record, guest, reporter, run, signal, folder, ask, restarted } = setup;
  const build = { name: record.name, type: 'qemu' };
  const values = {
    ID: record.id,
    ConnType: 'ssh',
    Host: '127.0.0.1',
    Port: String(record.sshPort),
    User: record.user,
  };
  return {
    build,
    guest,
    values,
    render: createRenderer({ build, values, templateFolder: folder, startedAt: new Date() }),
    say: reporter.say,
    output: reporter.output,
    emit: reporter.emit,
    signal,
    scratch: run.folder,
    folder,
    fetch: (url, digest) => fetchFile(url, digest, { home, env: process.env, signal }),
    ownProcess: (pid) => run.ownProcess(pid),
    connection: () => machineConnection(home, record),
    neighbours: () => runningMachines(home, record),
    ...(restarted && { restarted }),
    ask: ask ?? (async () => ''),
  };
}

/** How programs of this host reach a machine by SSH. */
export async function machineConnection(home: string, record: MachineRecord): Promise<MachineConnection> {
  const files = machineFiles(home, record.id);
  return {
    host: '127.0.0.1',
    port: record.sshPort,
    user: record.user,
    privateKeyFile: files.key,
    ...((await exists(files.knownHosts)) && {
      knownHosts: { file: files.knownHosts, alias: `kiln-${record.id}` },
    }),
  };
}

/** The machines of a machine's project that run. */
async function runningMachines(
  home: string,
  { project }: MachineRecord,
): Promise<ReadonlyMap<string, MachineConnection>> {
  const own = (await listRecords(home)).filter((one) => project !== undefined && one.project === project);
  const found = await Promise.all(
    own.map(
      async (one): Promise<readonly (readonly [string, MachineConnection])[]> =>
        (await machineState(home, one.id)) === 'running'
          ? [[one.name, await machineConnection(home, one)]]
          : [],
    ),
  );
  return new Map(found.flat());
}
