import { hash } from 'node:crypto';
import { type ResourceDescriptor, type Statement, type Subject, statementOf } from './statement.ts';

/** Says which documents belong to files, without having them in it (in-toto/attestation, predicate `reference`). */
export const referenceType = 'https://in-toto.io/attestation/reference/v0.1';

export interface Reference {
  readonly attester: { readonly id: string };
  readonly references: readonly ResourceDescriptor[];
}

/** Media types and the endings of files of the bills of materials. */
export const sbomForms = {
  spdx: { mediaType: 'application/spdx+json', ending: '.spdx.json' },
  cyclonedx: { mediaType: 'application/vnd.cyclonedx+json', ending: '.cdx.json' },
} as const;

export type SbomFormat = keyof typeof sbomForms;

/**
 * Binds bills of materials to the files that they are about.
 * @param documents texts by format
 */
export function sbomReference(
  subjects: readonly Subject[],
  documents: Readonly<Record<SbomFormat, string>>,
): Statement<Reference> {
  const references = (Object.keys(sbomForms) as SbomFormat[]).map((format) => {
    const sha256 = hash('sha256', documents[format]);
    const { mediaType, ending } = sbomForms[format];
    // Documents lie beside what they are about; their names are no part of what is said.
    return {
      name: `${subjects[0]?.name ?? 'image'}${ending}`,
      downloadLocation: `urn:sha256:${sha256}`,
      digest: { sha256 },
      mediaType,
    };
  });
  return statementOf(subjects, referenceType, { attester: { id: 'urn:kiln:sbom:v1' }, references });
}
