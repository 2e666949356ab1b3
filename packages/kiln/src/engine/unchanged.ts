import { resolve } from 'node:path';
import type { Artifact } from '../hosts/artifact.ts';
import { canonicalHash } from '../plan/canonical.ts';
import type { ImageRef } from '../plan/image-ref.ts';
import type { DiskOutput, Output, StoreOutput } from '../plan/output.ts';
import type { Build } from '../plan/plan.ts';
import { type BuiltSource, isBuilt } from '../plan/source.ts';
import type { ImageRecord } from '../store/image-record.ts';
import { type BuildKey, buildKey } from './build-key.ts';
import { type BuildScene, firstValues, rendererFor } from './build-scene.ts';
import { KeptResults } from './kept-results.ts';
import type { RunOptions } from './run-options.ts';
import { outputContext } from './run-outputs.ts';

export interface Stored {
  /** For builds that put an image into the store. */
  readonly key?: BuildKey;
  /** What the store has under that key, when that is all there is to do. */
  readonly image?: ImageRecord;
}

/**
 * Finds out whether the store has a build's result already. Only a build whose whole effect is an image in the
 * store, and disk files made from that image, can be found unchanged.
 * @throws KilnError when a base image or a local file cannot be had
 */
export async function findStored(scene: BuildScene): Promise<Stored> {
  const { build, plan, reporter } = scene;
  if (!isBuilt(build.source)) return {};
  if (!build.outputs.flat().some((output) => output.kind === 'store')) return {};
  const key = await keyOf(scene, build.source);
  if (key.hash === undefined) {
    reporter.say(`building without looking for an earlier result: ${key.reason}`);
    return { key };
  }
  if (isToBeRun(plan.options) || !hasOnlyStoredEffects(build)) return { key };
  const image = await plan.services.store.findByKey(key.hash);
  return image ? { key, image } : { key };
}

async function keyOf(scene: BuildScene, source: BuiltSource): Promise<BuildKey> {
  const { build, plan } = scene;
  if (source.kind === 'rootfs') return buildKey(build, plan.plan);
  const { disk, installer } = source;
  const base = await digestOf(scene, disk);
  return buildKey(build, plan.plan, base, installer && (await digestOf(scene, installer)));
}

/** Whether the command wants steps to be run although nothing has changed. */
function isToBeRun({ force, checkpoints }: RunOptions): boolean {
  return force === true || checkpoints?.use === false || checkpoints?.refreshFrom !== undefined;
}

async function digestOf(scene: BuildScene, ref: ImageRef): Promise<string> {
  if (ref.kind === 'empty') return 'empty';
  const { plan, reporter, build } = scene;
  const image = await plan.images.resolve(ref, {
    emit: reporter.emit,
    build: build.name,
    signal: plan.signal,
  });
  return image.digest;
}

function hasOnlyStoredEffects(build: Build): boolean {
  const { source, outputs } = build;
  const onlyStored = outputs.every((chain) => chain.every(isStoredEffect));
  if (source.kind === 'rootfs') return onlyStored;
  if (source.kind !== 'qemu') return false;
  const { directory, additionalDiskSizes } = source.result;
  return directory === undefined && additionalDiskSizes.length === 0 && onlyStored;
}

function isStoredEffect(output: Output): output is StoreOutput | DiskOutput {
  return output.kind === 'store' || output.kind === 'disk';
}

/**
 * Gives the image that is there already the names the build asks for, and makes those of its disk files again
 * that are not there as they were made from this image.
 */
export async function finishUnchanged(scene: BuildScene, image: ImageRecord): Promise<readonly Artifact[]> {
  const { build, plan, reporter } = scene;
  reporter.say(`nothing has changed since ${image.createdAt}: taking the image from the store`);
  const context = outputContext(scene, firstValues(scene), undefined);
  const render = rendererFor(scene, firstValues(scene));
  const original = storedArtifact(scene, image);
  const kept = new KeptResults(plan.services.home, (text) => plan.secrets.hide(text) === text);
  const artifacts: Artifact[] = [];
  for (const output of build.outputs.flat().filter(isStoredEffect)) {
    if (output.kind === 'store') {
      for (const reference of output.references)
        await plan.services.store.tag(`sha256:${image.id}`, reference);
      artifacts.push({ ...original, description: `image ${output.references.join(', ')}` });
    } else {
      const path = resolve(context.folder, render(output.path));
      const { at: _at, name: _name, ...how } = output;
      const key = canonicalHash({ image: image.id, how, path });
      if (await kept.find(key)) continue;
      const { artifact } = await plan.services.runOutput(output, original, context);
      await kept.keep(key, artifact);
      artifacts.push(artifact);
    }
  }
  return artifacts;
}

function storedArtifact({ build, plan }: BuildScene, image: ImageRecord): Artifact {
  const { source } = build;
  return {
    builderId: 'kiln.store',
    id: image.id,
    description: `image ${image.id.slice(0, 12)}`,
    files: [],
    disk: {
      path: plan.services.store.diskPath(image),
      format: 'qcow2',
      base: image.id,
      seeded: image.seeded,
      ...(source.kind === 'rootfs' && source.lock ? { time: source.lock.time } : {}),
      ...(image.user === undefined ? {} : { user: image.user }),
    },
    destroy: async () => {},
  };
}
