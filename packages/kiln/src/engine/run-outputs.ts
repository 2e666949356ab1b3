import type { OutputContext } from '../outputs/output-context.ts';
import type { BuildKey } from './build-key.ts';
import { type BuildScene, innerBuild, rendererFor } from './build-scene.ts';
import type { MadeArtifact } from './make-artifact.ts';
import { type ChainsResult, runChains } from './output-chains.ts';
import { provenanceOf } from './provenance.ts';

/**
 * Hands the builder's artifact to the build's chains of outputs. An artifact in the build's scratch folder is
 * not among what stays: it goes with the folder.
 * @throws KilnError `cancelled`
 */
export async function runOutputs(
  scene: BuildScene,
  made: MadeArtifact,
  key: BuildKey | undefined,
): Promise<ChainsResult> {
  const { build, plan, reporter, scratch } = scene;
  const { services, options, graces } = plan;
  const onError = options.onError ?? 'cleanup';
  const result = await runChains(build.outputs, made.artifact, {
    runOutput: services.runOutput,
    context: outputContext(scene, made.values, key),
    reporter,
    grace: graces.work,
    keepOnFailure: onError === 'abort' || onError === 'run-cleanup-provisioner',
    ...(options.forceSignal ? { force: options.forceSignal } : {}),
  });
  const stays = result.artifacts.filter(
    ({ files, disk }) =>
      !(files.length > 0 || disk) || !isInside(files.length > 0 ? files : [disk!.path], scratch),
  );
  return { artifacts: stays, errors: result.errors };
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
