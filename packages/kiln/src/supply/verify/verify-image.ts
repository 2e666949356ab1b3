import type { Attachment } from '../../store/attachment.ts';
import { unpackAttachment } from '../../store/attachments.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { verifyLayers } from '../../store/layers.ts';
import type { Store } from '../../store/store.ts';
import { wasBuilt } from '../attest/facts-of-record.ts';
import type { Provenance } from '../provenance/provenance-statement.ts';
import type { TrustedKey } from '../signing/trusted-keys.ts';
import { bad, type Check, good, note } from './check.ts';
import { checkAttestations } from './check-attestations.ts';

export interface VerifyOptions {
  readonly trusted: readonly TrustedKey[];
  /** Without a signature of a trusted key the image is not good. */
  readonly mustBeSigned: boolean;
  /** Layers that have been looked at already; those looked at are added. */
  readonly checkedLayers?: Set<string>;
  /** Bytes that were read. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Looks whether an image of the store is what it was when it was made: its layers, its documents, and who says so.
 * @throws errors of the filesystem only
 */
export async function verifyImage(
  store: Store,
  record: ImageRecord,
  { trusted, mustBeSigned, checkedLayers = new Set(), onProgress }: VerifyOptions,
): Promise<Check[]> {
  const problems = await verifyLayers(store.layout, record.layers, checkedLayers, onProgress);
  const checks: Check[] = problems.map(({ digest, problem }) =>
    bad('disk', `layer sha256:${digest}: ${problem}`, 'build or import the image again'),
  );
  if (problems.length === 0) checks.push(good('disk', countOf(record.layers.length)));
  const texts = new Map<Attachment['kind'], string>();
  for (const attachment of record.attachments ?? []) {
    const read = await unpackAttachment(store.layout, attachment);
    if ('bytes' in read) texts.set(attachment.kind, read.bytes.toString('utf8'));
    else
      checks.push(
        bad(
          'documents',
          `the ${kindNames[attachment.kind]}: ${read.problem}`,
          'build or import the image again',
        ),
      );
  }
  const attested = checkAttestations({
    sha256: record.id,
    bundle: texts.get('attestations'),
    trusted,
    mustBeSigned,
  });
  // Of an image that Kiln did not make nobody can say how it was made.
  const skip = !mustBeSigned && !wasBuilt(record) && !texts.has('attestations');
  checks.push(
    ...(skip ? [note('provenance', 'it was imported; nothing is said of how it was made')] : attested.checks),
  );
  if (!checks.some(({ name, result }) => name === 'sbom' && result === 'bad'))
    checks.push(...checkSboms(record, attested.documents));
  checks.push(...checkRecipe(record, attested.provenance));
  return checks;
}

const kindNames: Readonly<Record<Attachment['kind'], string>> = {
  spdx: 'SPDX document',
  cyclonedx: 'CycloneDX document',
  attestations: 'signed statements',
  profile: 'profile',
  lock: 'lock',
};

function countOf(layers: number): string {
  return layers === 1 ? 'the disk is what it was' : `all ${layers} layers of the disk are what they were`;
}

/** Documents of contents must be those that were signed. */
function checkSboms({ attachments = [] }: ImageRecord, documents: ReadonlySet<string>): Check[] {
  const sboms = attachments.filter(({ kind }) => kind === 'spdx' || kind === 'cyclonedx');
  if (sboms.length === 0) return [];
  const strange = sboms.filter(({ digest }) => !documents.has(digest));
  if (strange.length === 0) return [good('sbom', 'the bills of materials are those that were signed')];
  return strange.map(({ kind }) =>
    bad('sbom', `no trusted key has signed that the ${kindNames[kind]} is about this image`),
  );
}

/** What the image is to be built again from must be what it was built from. */
function checkRecipe({ attachments = [] }: ImageRecord, provenance: Provenance | undefined): Check[] {
  if (!provenance) return [];
  const { externalParameters } = provenance.buildDefinition;
  return attachments.flatMap(({ kind, digest }): Check[] => {
    if (kind !== 'profile' && kind !== 'lock') return [];
    const said = externalParameters[kind] as
      | { readonly digest?: Readonly<Record<string, string>> }
      | undefined;
    return said?.digest?.['sha256'] === digest
      ? []
      : [bad('recipe', `the ${kind} that is kept is not the one that was signed`)];
  });
}
