import type { Provisioner } from '../../plan/provisioner.ts';
import type { CompileContext } from './compile-context.ts';
import { compileSteps, type StepContext } from './compile-steps.ts';
import type { ProvisionEntry } from './step-fields.ts';

/** What is done in a machine of kiln.yaml: each entry is a step as those of images. */
export function compileProvisioners(
  machineName: string,
  entries: readonly ProvisionEntry[],
  loginUser: string,
  context: CompileContext,
): readonly Provisioner[] {
  const stepContext: StepContext = { ...context, loginUser, machineName, builder: 'qemu', parameters: {} };
  const names = new Set(entries.flatMap(({ common }) => common.name ?? []));
  return entries.flatMap((entry) => {
    const { name, when, before, after } = entry.common;
    checkOrder(entry, names, context);
    const steps = compileSteps([entry], stepContext);
    if (steps.length === 0) return [];
    return [
      {
        ...(name !== undefined && { name }),
        type: entry.action,
        run: when ?? 'once',
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        needsGuest: entry.action !== 'local',
        steps,
        at: context.places.of(entry),
      },
    ];
  });
}

function checkOrder(
  { common }: ProvisionEntry,
  names: ReadonlySet<string>,
  { problems, places }: CompileContext,
): void {
  if (common.before !== undefined && common.after !== undefined)
    problems.error(places.of(common, 'after'), 'a provisioner has "before" or "after", not both');
  for (const field of ['before', 'after'] as const) {
    const target = common[field];
    if (target === undefined || target === 'each' || target === 'all' || names.has(target)) continue;
    problems.error(
      places.of(common, field),
      `there is no provisioner with the name "${target}"`,
      names.size > 0 ? `there is ${[...names].join(', ')}` : 'give the other one a "name"',
    );
  }
}
