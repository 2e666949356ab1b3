import { hash } from 'node:crypto';
import type { AttachmentKind } from '../../store/attachment.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { bundleText } from '../provenance/bundle.ts';
import { gitState } from '../provenance/git-state.ts';
import { provenanceStatement } from '../provenance/provenance-statement.ts';
import { sbomReference } from '../provenance/sbom-reference.ts';
import { signStatement } from '../provenance/statement.ts';
import { openSigningKey } from '../signing/signing-key.ts';
import type { BuildSupply } from './build-supply.ts';
import { factsOfRecord } from './facts-of-record.ts';

export interface AttestOptions {
  readonly supply?: BuildSupply;
  /** Where the template is: the state of its project is told. */
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Says how an image of the store was made, signs it, and keeps it beside the image with the documents that belong to it.
 * The same build with the same key gives the same bytes when its supply says a time for it (`facts.epoch`).
 * @throws KilnError what `openSigningKey` and `Store.attach` throw
 */
export async function attestImage(
  store: Pick<Store, 'attach' | 'home'>,
  record: ImageRecord,
  { supply = {}, folder, env }: AttestOptions,
): Promise<ImageRecord> {
  const key = await openSigningKey(store.home, env);
  const { profile, lock, sboms } = supply;
  const { times, ...known } = factsOfRecord(record);
  const source = folder === undefined ? undefined : await gitState(folder);
  const statement = provenanceStatement({
    ...known,
    // A time of its own would make every build of the same things another one.
    ...(times && supply.facts?.epoch === undefined && { times }),
    ...(source && { source }),
    ...(profile !== undefined && { profile: { name: 'profile', sha256: hash('sha256', profile) } }),
    ...(lock !== undefined && { lock: { name: 'kiln.lock', sha256: hash('sha256', lock) } }),
    ...supply.facts,
  });
  const envelopes = [signStatement(statement, key)];
  if (sboms) envelopes.push(signStatement(sbomReference(known.subjects, sboms), key));
  const documents: { readonly kind: AttachmentKind; readonly content: string }[] = [
    { kind: 'attestations', content: bundleText(envelopes) },
  ];
  if (sboms) {
    documents.push({ kind: 'spdx', content: sboms.spdx });
    documents.push({ kind: 'cyclonedx', content: sboms.cyclonedx });
  }
  if (profile !== undefined) documents.push({ kind: 'profile', content: profile });
  if (lock !== undefined) documents.push({ kind: 'lock', content: lock });
  return store.attach(record.id, documents);
}
