import { KilnError } from '../base/errors.ts';
import { type MachineRecord, machineState } from '../machines/machine-record.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';

/**
 * What the file says of a machine that runs.
 * @throws KilnError `not-found` when it says nothing, `guest-unreachable` when the machine does not run
 */
export async function runningSpec(
  home: string,
  record: MachineRecord,
  specs: ReadonlyMap<string, MachineSpec>,
): Promise<MachineSpec> {
  const spec = specs.get(record.name);
  if (!spec) {
    throw new KilnError('not-found', `the file of this project has no machine "${record.name}"`, {
      hint: 'only machines of a file have folders',
    });
  }
  const state = await machineState(home, record.id);
  if (state === 'running') return spec;
  throw new KilnError('guest-unreachable', `${record.name} is ${state}: nothing can be copied there`, {
    hint: `bring it up with \`kiln up ${record.name}\`, which copies its folders`,
  });
}
