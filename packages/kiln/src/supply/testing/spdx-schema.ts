/*
 * The rules of SPDX 2.3 for the fields that documents of Kiln have, after the specification (spdx.github.io/spdx-spec/v2.3):
 * no package carries its official schema. It allows less than that: other fields are mistakes here.
 */
const spdxId = { type: 'string', pattern: '^SPDXRef-[A-Za-z0-9.-]+$' };
const words = { type: 'string', minLength: 1 };
const hex = (digits: number) => ({ type: 'string', pattern: `^[0-9a-f]{${digits}}$` });
const record = (required: readonly string[], properties: object) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const checksum = record(['algorithm', 'checksumValue'], {
  algorithm: { enum: ['SHA1', 'SHA256'] },
  checksumValue: words,
});
const license = {
  type: 'string',
  pattern: '^(NOASSERTION|NONE|[A-Za-z0-9.+-]+|[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+()-]+)+|\\(.*)$',
};

const packageSchema = record(['SPDXID', 'name', 'downloadLocation', 'filesAnalyzed'], {
  name: words,
  SPDXID: spdxId,
  versionInfo: words,
  packageFileName: words,
  supplier: { type: 'string', pattern: '^(Person|Organization): .+|^NOASSERTION$' },
  downloadLocation: words,
  filesAnalyzed: { type: 'boolean' },
  packageVerificationCode: record(['packageVerificationCodeValue'], {
    packageVerificationCodeValue: hex(40),
  }),
  checksums: { type: 'array', items: checksum },
  homepage: { type: 'string', pattern: '^[a-z]+:' },
  sourceInfo: words,
  licenseConcluded: license,
  licenseDeclared: license,
  copyrightText: words,
  summary: words,
  primaryPackagePurpose: { enum: ['OPERATING_SYSTEM', 'SOURCE'] },
  externalRefs: {
    type: 'array',
    items: record(['referenceCategory', 'referenceType', 'referenceLocator'], {
      referenceCategory: { const: 'PACKAGE-MANAGER' },
      referenceType: { const: 'purl' },
      referenceLocator: { type: 'string', pattern: '^pkg:[^ ]+$' },
    }),
  },
});

const fileSchema = record(['SPDXID', 'fileName', 'checksums'], {
  fileName: { type: 'string', pattern: '^\\./' },
  SPDXID: spdxId,
  checksums: {
    type: 'array',
    items: checksum,
    // Of the algorithms only this one must be there.
    contains: { properties: { algorithm: { const: 'SHA1' }, checksumValue: hex(40) } },
  },
  licenseConcluded: license,
  copyrightText: words,
});

export const spdxSchema = record(
  ['spdxVersion', 'dataLicense', 'SPDXID', 'name', 'documentNamespace', 'creationInfo', 'relationships'],
  {
    spdxVersion: { const: 'SPDX-2.3' },
    dataLicense: { const: 'CC0-1.0' },
    SPDXID: { const: 'SPDXRef-DOCUMENT' },
    name: words,
    documentNamespace: { type: 'string', pattern: '^https://[^#]+$' },
    comment: words,
    creationInfo: record(['created', 'creators'], {
      created: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' },
      creators: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', pattern: '^(Tool|Person|Organization): ' },
      },
    }),
    packages: { type: 'array', items: packageSchema },
    files: { type: 'array', items: fileSchema },
    hasExtractedLicensingInfos: {
      type: 'array',
      items: record(['licenseId', 'extractedText'], {
        licenseId: { type: 'string', pattern: '^LicenseRef-[A-Za-z0-9.-]+$' },
        name: words,
        extractedText: words,
      }),
    },
    relationships: {
      type: 'array',
      items: record(['spdxElementId', 'relationshipType', 'relatedSpdxElement'], {
        spdxElementId: spdxId,
        relatedSpdxElement: spdxId,
        relationshipType: { enum: ['DESCRIBES', 'CONTAINS', 'DEPENDS_ON', 'GENERATED_FROM'] },
      }),
    },
  },
);
