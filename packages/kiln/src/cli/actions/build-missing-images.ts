import { KilnError } from '../../base/errors.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { Build, Plan } from '../../plan/plan.ts';
import { openStore } from '../../store/store.ts';
import { buildPlan } from '../build-plan.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { homeOf } from './machine-targets.ts';

/** Builds the images of the file that the machines need and the store does not have. Gives the exit code. */
export async function buildMissingImages(
  plan: Plan,
  machines: readonly MachineSpec[],
  context: CliContext,
): Promise<number> {
  const store = openStore(homeOf(context));
  const needed = new Set<Build>();
  for (const { image } of machines) {
    if (image.kind !== 'store') continue;
    try {
      await store.getImage(image.reference);
    } catch (error) {
      const build = plan.builds.find((one) => makes(one, image.reference));
      if (!build || !(error instanceof KilnError && error.code === 'not-found')) throw error;
      needed.add(build);
    }
  }
  if (needed.size === 0) return exitCodes.ok;
  // A set also visits what is added on the way: the bases of bases.
  for (const build of needed) {
    for (const name of build.after ?? []) {
      const base = plan.builds.find((one) => one.name === name);
      if (base) needed.add(base);
    }
  }
  const names = [...needed].map((build) => build.name).join(', ');
  context.stderr.line(`${names} is not built yet; building it first`);
  return buildPlan({ ...plan, builds: plan.builds.filter((build) => needed.has(build)) }, {}, context);
}

function makes(build: Build, reference: string): boolean {
  const full = reference.includes(':') ? reference : `${reference}:latest`;
  return build.outputs
    .flat()
    .some(
      (output) =>
        output.kind === 'store' &&
        output.references.some((one) => full === (one.includes(':') ? one : `${one}:latest`)),
    );
}
