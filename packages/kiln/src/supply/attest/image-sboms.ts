import { backingWithin } from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { bundleText, parseBundle } from '../provenance/bundle.ts';
import type { Provenance } from '../provenance/provenance-statement.ts';
import { referenceType, sbomReference } from '../provenance/sbom-reference.ts';
import { signStatement, statementIn } from '../provenance/statement.ts';
import { makeSboms } from '../sbom/make-sboms.ts';
import type { Sboms } from '../sbom/sbom-options.ts';
import { openSigningKey } from '../signing/signing-key.ts';
import { trustedKeys } from '../signing/trusted-keys.ts';
import { openDiskSystem } from '../system/disk-files.ts';
import { checkAttestations } from '../verify/check-attestations.ts';
import { factsOfRecord, imageName } from './facts-of-record.ts';
import { lockedOfProvenance } from './locked-of-provenance.ts';

/** The bills of materials of an image, and whether they were made just now. */
export interface ImageSboms {
  /** The image with them. */
  readonly record: ImageRecord;
  readonly spdx: Buffer;
  readonly cyclonedx: Buffer;
  readonly made: boolean;
  /** Only of those that were made just now; the documents say them too. */
  readonly gaps: readonly string[];
}

/**
 * The bills of materials that are kept with an image. Where there are none they are made from its disk, signed, and
 * kept: the first time takes some seconds.
 * @throws KilnError `unsupported` when the disk has no filesystem that can be read here, `store-corrupt`, and what
 *   `openSigningKey` throws
 */
export async function imageSboms(
  store: Store,
  record: ImageRecord,
  { env }: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<ImageSboms> {
  const [spdx, cyclonedx] = [
    await store.readAttachment(record, 'spdx'),
    await store.readAttachment(record, 'cyclonedx'),
  ];
  if (spdx && cyclonedx) return { record, spdx, cyclonedx, made: false, gaps: [] };
  const key = await openSigningKey(store.home, env);
  const text = (await store.readAttachment(record, 'attestations'))?.toString('utf8');
  const { provenance } = checkAttestations({
    sha256: record.id,
    bundle: text,
    trusted: await trustedKeys(store.home, env),
    mustBeSigned: false,
  });
  const made = await makeFromDisk(store, record, provenance);
  const reference = signStatement(sbomReference(factsOfRecord(record).subjects, made), key);
  const others = parseBundle(text ?? '').filter(
    (envelope) => statementIn(envelope)?.predicateType !== referenceType,
  );
  const changed = await store.attach(record.id, [
    { kind: 'spdx', content: made.spdx },
    { kind: 'cyclonedx', content: made.cyclonedx },
    { kind: 'attestations', content: bundleText([...others, reference]) },
  ]);
  return {
    record: changed,
    spdx: Buffer.from(made.spdx),
    cyclonedx: Buffer.from(made.cyclonedx),
    made: true,
    gaps: made.gaps,
  };
}

/** The same, where a disk that cannot be read here is a gap and no error. */
export async function imageSbomsIfReadable(
  store: Store,
  record: ImageRecord,
  options: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly sboms?: ImageSboms; readonly gaps: readonly string[] }> {
  try {
    const sboms = await imageSboms(store, record, options);
    return { sboms, gaps: sboms.gaps };
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'unsupported') throw error;
    return { gaps: [`no bill of materials: ${error.message}`] };
  }
}

async function makeFromDisk(
  store: Store,
  record: ImageRecord,
  provenance: Provenance | undefined,
): Promise<Sboms> {
  const openBacking = backingWithin(store.layout.layers);
  const system = await openDiskSystem(store.diskPath(record), { format: 'qcow2', openBacking });
  try {
    // A build that is the same whenever it is run says the same time.
    const epoch = provenance?.buildDefinition.internalParameters['sourceDateEpoch'];
    const created = typeof epoch === 'number' ? epoch : Math.floor(Date.parse(record.createdAt) / 1000);
    return await makeSboms({
      system: system.files,
      name: imageName(record),
      created,
      gaps: system.gaps,
      locked: provenance ? lockedOfProvenance(provenance) : [],
    });
  } finally {
    await system.close();
  }
}
