import { DiagnosticsError } from '../../base/diagnostics.ts';
import { cleanUpAfterTheDead } from '../../machines/clean-up.ts';
import { livingRecords } from '../../machines/find-machine.ts';
import { machineState } from '../../machines/machine-record.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { statusOptions } from '../commands/status.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { formatDiagnostics } from '../report-error.ts';
import { type MachineRow, machineJson, printMachines } from './machine-table.ts';
import { homeOf, projectFolder } from './machine-targets.ts';

export async function run(
  { options }: CommandInput<typeof statusOptions>,
  context: CliContext,
): Promise<number> {
  const home = homeOf(context);
  await cleanUpAfterTheDead({ home, store: openStore(home) });
  const { names, file, broken } = await namesInFile(options.file, context);
  const project = projectFolder(options.file, context);
  const own = (await livingRecords(home)).filter((record) => record.project === project);
  const rows: MachineRow[] = [];
  for (const name of names) {
    const record = own.find((one) => one.name === name);
    rows.push(
      record ? { name, record, state: await machineState(home, record.id) } : { name, state: 'not-created' },
    );
  }
  // A machine that the file no longer names still exists and takes up room.
  for (const record of own) {
    if (rows.some((row) => row.name === record.name)) continue;
    rows.push({ name: record.name, record, state: await machineState(home, record.id) });
  }
  if (options.json) context.stdout.line(JSON.stringify(rows.map(machineJson), null, 2));
  else if (rows.length === 0) context.stderr.line(`${file} has no machines.`);
  else printMachines(rows, context.stdout, false);
  return broken ? exitCodes.failed : exitCodes.ok;
}

/** Machines that exist can be seen even while somebody is in the middle of changing the file. */
async function namesInFile(
  named: string | undefined,
  context: CliContext,
): Promise<{ readonly names: readonly string[]; readonly file: string; readonly broken: boolean }> {
  try {
    const { plan, machines } = await loadTemplate({ file: named, var: [], 'var-file': [] }, context);
    return { names: machines, file: plan.origin.file, broken: false };
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    context.stderr.write(formatDiagnostics(error.diagnostics, context.stderr.paint));
    return { names: [], file: named ?? 'kiln.yaml', broken: true };
  }
}
