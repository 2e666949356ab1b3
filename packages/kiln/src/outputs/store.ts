import { readQcow2Header } from '@kiln/diskimage';
import { KilnError } from '../base/errors.ts';
import type { Artifact, ArtifactDisk } from '../hosts/artifact.ts';
import type { StoreOutput } from '../plan/output.ts';
import type { ImageRecord } from '../store/image-record.ts';
import type { Store } from '../store/store.ts';
import { attestImage } from '../supply/attest/attest-image.ts';
import type { OutputContext, OutputResult, OutputRunner } from './output-context.ts';

/**
 * Puts the artifact's disk into the store: as a layer on the image it was built from when that is in the store, else
 * as a whole. Names that other images have move over; the last of two builds wins.
 * @throws (from the runner) KilnError `output-failed` when there is no disk, `bad-usage` for a name that cannot be,
 *   `disk-full`, `cancelled`
 */
export function storeOutputRunner(
  store: Pick<Store, 'addLayer' | 'attach' | 'home' | 'putImage'>,
): OutputRunner<StoreOutput> {
  return async (output, input, context): Promise<OutputResult> => {
    const { disk } = input;
    if (!disk) {
      throw new KilnError('output-failed', `there is no disk to put into the store: ${input.description}`, {
        hint: 'a store output goes after a build of a machine',
      });
    }
    const label = 'storing the disk';
    const layer = await store.addLayer({
      diskPath: disk.path,
      format: disk.format,
      move: context.inputIsSpent && disk.path.startsWith(`${context.scratch}/`),
      signal: context.signal,
      onProgress: (part) =>
        context.emit({
          kind: 'progress',
          build: context.build.name,
          label,
          done: Math.round(part * 100),
          total: 100,
          unit: 'items',
        }),
      ...(disk.base === undefined ? { flatten: await standsOnAnother(disk) } : { parent: disk.base }),
    });
    const record: ImageRecord = {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: new Date().toISOString(),
      seeded: disk.seeded,
      firmware: disk.firmware ?? [],
      ...(disk.user === undefined ? {} : { user: disk.user }),
      ...(input.supply?.profile === undefined ? {} : { profile: input.supply.profile }),
      provenance: context.provenance(),
    };
    const { references } = output;
    await store.putImage(record, references);
    await attestImage(store, record, {
      folder: context.folder,
      ...(input.supply && { supply: input.supply }),
    });
    return {
      artifact: storedArtifact(record, layer.path, references, input, context),
      keepInput: true,
      keepIsForced: false,
    };
  };
}

async function standsOnAnother(disk: ArtifactDisk): Promise<boolean> {
  return disk.format === 'qcow2' && (await readQcow2Header(disk.path)).backingFile !== undefined;
}

/** The image as an artifact. Discarding it leaves the store alone: images are removed by people and by prune. */
function storedArtifact(
  record: ImageRecord,
  path: string,
  references: readonly string[],
  input: Artifact,
  context: OutputContext,
): Artifact {
  const names = references.length > 0 ? `${references.join(', ')} ` : '';
  return {
    builderId: 'kiln.store',
    id: record.id,
    description: `image ${names}(sha256:${record.id.slice(0, 12)})`,
    files: input.files.filter((file) => !file.startsWith(`${context.scratch}/`)),
    disk: {
      path,
      format: 'qcow2',
      base: record.id,
      seeded: record.seeded,
      ...(record.user === undefined ? {} : { user: record.user }),
      ...(input.disk?.firmware ? { firmware: input.disk.firmware } : {}),
    },
    destroy: async () => {},
  };
}
