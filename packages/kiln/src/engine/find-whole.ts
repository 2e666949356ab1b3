import type { BuildMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { KeptResults } from './kept-results.ts';
import { outputLabel } from './output-chains.ts';
import { doneOutputs, keysOfChain } from './output-keys.ts';
import type { OutputsResult } from './run-outputs.ts';
import { stepLabel } from './step-label.ts';

/**
 * The whole result of a build that has not changed, when all of it is there: then nothing of how it came about is
 * needed any more, and may have been pruned long ago. Undefined when something has to be done.
 */
export async function findWhole(
  scene: BuildScene,
  machine: BuildMachine,
): Promise<OutputsResult | undefined> {
  const { build, plan, reporter } = scene;
  const { checkpoints, force } = plan.options;
  if (!checkpoints?.use || force) return undefined;
  const key = await machine.foreseenResult();
  if (key === undefined) return undefined;
  const kept = new KeptResults(plan.services.home, (text) => plan.secrets.hide(text) === text);
  const original = await kept.find(key);
  const done = await Promise.all(
    build.outputs.map((chain) => doneOutputs(keysOfChain(chain, key, machine), kept)),
  );
  if (build.outputs.some((chain, at) => chain.length !== (done[at]?.count ?? 0))) return undefined;
  if (build.outputs.length === 0 && !original) return undefined;
  for (const [index, step] of build.steps.entries())
    reporter.restored(stepLabel(step, index, build.steps.length));
  for (const output of build.outputs.flat()) reporter.restored(outputLabel(output, ''));
  const artifacts = done.flatMap((one) => one?.artifact ?? []);
  return { artifacts: [...(original ? [original] : []), ...artifacts], errors: [], unchanged: true };
}
