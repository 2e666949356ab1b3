import { basename } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { digestFile, writeFileAtomically } from '../../base/files.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { bundleEnding, bundleText } from '../provenance/bundle.ts';
import { type Provenance, provenanceStatement, provenanceType } from '../provenance/provenance-statement.ts';
import { sbomForms, sbomReference } from '../provenance/sbom-reference.ts';
import { signStatement, statementOf } from '../provenance/statement.ts';
import { openSigningKey } from '../signing/signing-key.ts';
import { trustedKeys } from '../signing/trusted-keys.ts';
import { checkAttestations } from '../verify/check-attestations.ts';
import { factsOfRecord } from './facts-of-record.ts';
import { imageSbomsIfReadable } from './image-sboms.ts';

/** Files that were written beside one, by name. */
export interface Sidecars {
  readonly files: readonly string[];
  /** What the bills of materials do not tell, as sentences. */
  readonly gaps: readonly string[];
}

/**
 * Says of a file that was made of an image of the store what is said of the image, with this store's signature:
 * `FILE.intoto.jsonl`, and the bills of materials in both formats beside it, where the disk can be read.
 * @throws KilnError `file-unsafe` when what is said of the image is not to be trusted, and what `imageSboms` throws
 */
export async function attestFile(
  store: Store,
  record: ImageRecord,
  path: string,
  { env }: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Sidecars> {
  const { sboms, gaps } = await imageSbomsIfReadable(store, record, { ...(env && { env }) });
  const key = await openSigningKey(store.home, env);
  const subjects = [{ name: basename(path), sha256: await digestFile(path) }];
  const provenance = await provenanceOf(store, sboms?.record ?? record, env);
  const envelopes = [
    signStatement(statementOf(subjects, provenanceType, withImage(provenance, record)), key),
  ];
  const files: { readonly path: string; readonly content: string }[] = [];
  if (sboms) {
    const documents = { spdx: sboms.spdx.toString('utf8'), cyclonedx: sboms.cyclonedx.toString('utf8') };
    envelopes.push(signStatement(sbomReference(subjects, documents), key));
    files.push({ path: `${path}${sbomForms.spdx.ending}`, content: documents.spdx });
    files.push({ path: `${path}${sbomForms.cyclonedx.ending}`, content: documents.cyclonedx });
  }
  files.push({ path: `${path}${bundleEnding}`, content: bundleText(envelopes) });
  for (const file of files) await writeFileAtomically(file.path, file.content);
  return { files: files.map((file) => file.path), gaps };
}

async function provenanceOf(
  store: Store,
  record: ImageRecord,
  env: NodeJS.ProcessEnv | undefined,
): Promise<Provenance> {
  const bundle = (await store.readAttachment(record, 'attestations'))?.toString('utf8');
  const { provenance, checks } = checkAttestations({
    sha256: record.id,
    bundle,
    trusted: await trustedKeys(store.home, env),
    mustBeSigned: false,
  });
  if (provenance) return provenance;
  const fault = checks.find(({ result }) => result === 'bad');
  if (!fault) return provenanceStatement(factsOfRecord(record)).predicate;
  throw new KilnError(
    'file-unsafe',
    `nothing can be said of the image sha256:${record.id.slice(0, 12)}: ${fault.text}`,
    {
      ...(fault.hint && { hint: fault.hint }),
    },
  );
}

/** The file came of the build through the image. */
function withImage(provenance: Provenance, { id }: ImageRecord): Provenance {
  const { buildDefinition } = provenance;
  const image = { name: 'image', digest: { sha256: id } };
  const resolvedDependencies = [image, ...buildDefinition.resolvedDependencies];
  return { ...provenance, buildDefinition: { ...buildDefinition, resolvedDependencies } };
}
