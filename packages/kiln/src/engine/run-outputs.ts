import type { Artifact } from '../hosts/artifact.ts';
import type { OutputContext } from '../outputs/output-context.ts';
import type { BuildKey } from './build-key.ts';
import type { BuildMachine } from './build-machine.ts';
import { type BuildScene, firstValues, innerBuild, rendererFor } from './build-scene.ts';
import { KeptResults } from './kept-results.ts';
import { type ChainsResult, runChains } from './output-chains.ts';
import { doneOutputs, keysOfChain } from './output-keys.ts';
import { provenanceOf } from './provenance.ts';
import { treeSupply } from './tree-supply.ts';

export interface OutputsResult extends ChainsResult {
  /** All of it was there already. */
  readonly unchanged: boolean;
}

/**
 * Hands the builder's artifact to the build's chains of outputs. What an earlier build has made, and nobody has touched
 * since, is not made again: a chain goes on after the furthest output whose result is there. The machine is finished
 * only when something needs what it makes. An artifact in the build's scratch folder is not among what stays: it goes
 * with the folder.
 * @throws KilnError `cancelled`
 */
export async function runOutputs(
  scene: BuildScene,
  machine: BuildMachine,
  key: BuildKey | undefined,
): Promise<OutputsResult> {
  const { build, plan, reporter, scratch } = scene;
  const { services, options, graces } = plan;
  const kept = new KeptResults(services.home, (text) => plan.secrets.hide(text) === text);
  const originalKey = machine.resultKey();
  const keys = build.outputs.map((chain) => keysOfChain(chain, originalKey, machine));
  const mayReuse = options.checkpoints?.use === true && !options.force && !machine.isNew;
  const before = mayReuse && originalKey !== undefined ? await kept.find(originalKey) : undefined;
  const done = await Promise.all(
    keys.map((chain) => (mayReuse ? doneOutputs(chain, kept) : Promise.resolve(undefined))),
  );
  const needsOriginal =
    build.outputs.length === 0 || build.outputs.some((chain, at) => chain.length > 0 && !done[at]);
  const made =
    needsOriginal && !before
      ? withSupply(await finish(scene, machine, originalKey, kept), scene, key)
      : { artifact: before, values: firstValues(scene) };
  if (!needsOriginal || before) await machine.abandon(false);

  const onError = options.onError ?? 'cleanup';
  const result = await runChains(build.outputs, made.artifact, {
    runOutput: services.runOutput,
    context: outputContext(scene, made.values, key),
    reporter,
    grace: graces.work,
    done,
    onMade: async (chain, position, artifact) => {
      const outputKey = keys[chain]?.[position];
      if (outputKey !== undefined && !isInside(artifact.files, scratch)) await kept.keep(outputKey, artifact);
    },
    keepOnFailure: onError === 'abort' || onError === 'run-cleanup-provisioner',
    ...(options.forceSignal ? { force: options.forceSignal } : {}),
  });
  const stays = result.artifacts.filter(
    ({ files, disk }) =>
      !(files.length > 0 || disk) || !isInside(files.length > 0 ? files : [disk!.path], scratch),
  );
  const everyOutput = build.outputs.every((chain, at) => chain.length === (done[at]?.count ?? 0));
  const unchanged = machine.untouched && everyOutput && (!needsOriginal || before !== undefined);
  return { artifacts: stays, errors: result.errors, unchanged };
}

async function finish(
  { scratch }: BuildScene,
  machine: BuildMachine,
  key: string | undefined,
  kept: KeptResults,
) {
  const made = await machine.finish();
  if (key !== undefined && !isInside(made.artifact.files, scratch)) await kept.keep(key, made.artifact);
  return made;
}

/** Those who sign an image are told what it is made of. */
function withSupply<T extends { readonly artifact: Artifact }>(
  made: T,
  scene: BuildScene,
  key: BuildKey | undefined,
): T {
  const { source } = scene.build;
  if (source.kind !== 'rootfs') return made;
  const supply = { ...made.artifact.supply, ...treeSupply(scene, source, key) };
  return { ...made, artifact: { ...made.artifact, supply } };
}

export function outputContext(
  scene: BuildScene,
  values: Readonly<Record<string, string>>,
  key: BuildKey | undefined,
): OutputContext {
  const { build, plan, reporter, scratch } = scene;
  return {
    build: innerBuild(build),
    values,
    render: rendererFor(scene, values),
    say: reporter.say,
    output: reporter.output,
    emit: reporter.emit,
    signal: plan.signal,
    scratch,
    folder: plan.plan.origin.folder,
    force: plan.options.force ?? false,
    inputIsSpent: false,
    runUuid: plan.runUuid,
    run: plan.run,
    provenance: () => provenanceOf(scene, key),
    ownPath: (path) => plan.run.ownPath(path),
    disownPath: (path) => plan.run.disownPath(path),
  };
}

function isInside(paths: readonly string[], folder: string): boolean {
  return paths.every((path) => path.startsWith(`${folder}/`));
}
