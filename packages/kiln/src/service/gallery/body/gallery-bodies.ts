import type { BodyField, BodyFields, BodyShape } from './read-body.ts';

const text: BodyShape = { kind: 'text' };
const anything: BodyShape = { kind: 'anything' };
const date: BodyShape = { kind: 'date' };
const boolean: BodyShape = { kind: 'boolean' };
const byTheService: BodyField = { shape: anything, readOnly: true };

function object(fields: BodyFields): BodyShape {
  return { kind: 'object', fields };
}

function choice(...of: readonly string[]): BodyShape {
  return { kind: 'choice', of };
}

function list(of: BodyShape): BodyShape {
  return { kind: 'list', of };
}

function integer(min: number, max: number): BodyShape {
  return { kind: 'integer', min, max };
}

/** The fields that all resources have. */
function resource(properties: BodyFields, location: BodyField = { shape: text, required: true }): BodyFields {
  return {
    id: byTheService,
    name: byTheService,
    type: byTheService,
    systemData: byTheService,
    etag: byTheService,
    location,
    tags: { shape: { kind: 'texts' } },
    properties: { shape: object(properties) },
  };
}

const range = object({ min: { shape: integer(0, 1 << 20) }, max: { shape: integer(0, 1 << 20) } });

export const galleryBody: BodyFields = {
  ...resource({
    description: { shape: text },
    identifier: byTheService,
    provisioningState: byTheService,
    sharingStatus: byTheService,
    sharingProfile: {
      shape: object({
        permissions: { shape: choice('Private', 'Groups', 'Community') },
        groups: byTheService,
        communityGalleryInfo: {
          shape: object({
            publisherUri: { shape: text },
            publisherContact: { shape: text },
            eula: { shape: text },
            publicNamePrefix: { shape: text },
            communityGalleryEnabled: byTheService,
            publicNames: byTheService,
          }),
        },
      }),
    },
    softDeletePolicy: { shape: object({ isSoftDeleteEnabled: { shape: boolean } }) },
  }),
  identity: { shape: anything },
};

function identifierText(longest: number): BodyField {
  return {
    shape: {
      kind: 'text',
      longest,
      pattern: /^[\w.-]*[\w-]$/,
      expected: 'letters, digits, underscores, dashes and periods, and no period at its end',
    },
    required: true,
  };
}

export const definitionBody: BodyFields = resource({
  description: { shape: text },
  eula: { shape: text },
  privacyStatementUri: { shape: text },
  releaseNoteUri: { shape: text },
  osType: { shape: choice('Linux', 'Windows'), required: true },
  osState: { shape: choice('Generalized', 'Specialized'), required: true },
  hyperVGeneration: { shape: choice('V1', 'V2') },
  endOfLifeDate: { shape: date },
  identifier: {
    shape: object({
      publisher: identifierText(128),
      offer: identifierText(64),
      sku: identifierText(64),
    }),
    required: true,
  },
  recommended: { shape: object({ vCPUs: { shape: range }, memory: { shape: range } }) },
  disallowed: { shape: object({ diskTypes: { shape: list(text) } }) },
  purchasePlan: {
    shape: object({ name: { shape: text }, publisher: { shape: text }, product: { shape: text } }),
  },
  provisioningState: byTheService,
  features: {
    shape: list(object({ name: { shape: text }, value: { shape: text }, startsAtVersion: { shape: text } })),
  },
  architecture: { shape: choice('x64', 'Arm64') },
  allowUpdateImage: { shape: boolean },
});

const storageType = choice('Standard_LRS', 'Standard_ZRS', 'Premium_LRS', 'PremiumV2_LRS', 'StandardSSD_LRS');

const diskSource = object({
  id: { shape: text },
  uri: { shape: text },
  storageAccountId: { shape: text },
});

const disk: BodyFields = {
  sizeInGB: byTheService,
  hostCaching: { shape: choice('None', 'ReadOnly', 'ReadWrite') },
  source: { shape: diskSource },
};

export const versionBody: BodyFields = resource({
  publishingProfile: {
    shape: object({
      targetRegions: {
        shape: list(
          object({
            name: { shape: text, required: true },
            regionalReplicaCount: { shape: integer(1, 100) },
            storageAccountType: { shape: storageType },
            encryption: { shape: anything },
            excludeFromLatest: { shape: boolean },
            additionalReplicaSets: {
              shape: list(
                object({
                  storageAccountType: { shape: storageType },
                  regionalReplicaCount: { shape: integer(1, 100) },
                }),
              ),
            },
          }),
        ),
      },
      replicaCount: { shape: integer(1, 100) },
      excludeFromLatest: { shape: boolean },
      publishedDate: byTheService,
      endOfLifeDate: { shape: date },
      storageAccountType: { shape: storageType },
      storageAccountStrategy: { shape: choice('PreferStandard_ZRS', 'DefaultStandard_LRS') },
      replicationMode: { shape: choice('Full', 'Shallow') },
      targetExtendedLocations: { shape: anything },
    }),
  },
  provisioningState: byTheService,
  storageProfile: {
    shape: object({
      source: {
        shape: object({
          id: { shape: text },
          virtualMachineId: { shape: text },
          communityGalleryImageId: { shape: text },
        }),
      },
      osDiskImage: { shape: object(disk) },
      dataDiskImages: { shape: list(object({ ...disk, lun: { shape: integer(0, 63), required: true } })) },
    }),
    required: true,
  },
  safetyProfile: {
    shape: object({
      reportedForPolicyViolation: byTheService,
      policyViolations: byTheService,
      blockDeletionBeforeEndOfLife: { shape: boolean },
      allowDeletionOfReplicatedLocations: { shape: boolean },
    }),
  },
  replicationStatus: byTheService,
  securityProfile: { shape: anything },
  restore: { shape: boolean },
  validationsProfile: byTheService,
});

const reference = object({ id: { shape: text } });

const managedDisk: BodyFields = {
  snapshot: { shape: reference },
  managedDisk: { shape: reference },
  blobUri: { shape: text },
  caching: { shape: choice('None', 'ReadOnly', 'ReadWrite') },
  diskSizeGB: { shape: integer(1, 1 << 20) },
  storageAccountType: { shape: text },
  diskEncryptionSet: { shape: anything },
};

export const managedImageBody: BodyFields = {
  ...resource({
    sourceVirtualMachine: { shape: reference },
    storageProfile: {
      shape: object({
        osDisk: {
          shape: object({
            ...managedDisk,
            osType: { shape: choice('Linux', 'Windows'), required: true },
            osState: { shape: choice('Generalized', 'Specialized'), required: true },
          }),
        },
        dataDisks: {
          shape: list(object({ ...managedDisk, lun: { shape: integer(0, 63), required: true } })),
        },
        zoneResilient: { shape: boolean },
      }),
    },
    provisioningState: byTheService,
    hyperVGeneration: { shape: choice('V1', 'V2') },
  }),
  extendedLocation: { shape: anything },
};
