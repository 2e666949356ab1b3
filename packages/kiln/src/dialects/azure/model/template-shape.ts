import {
  identityId,
  imageDefinitionId,
  imageVersionId,
  managedImageId,
  resourceGroupId,
  subnetId,
} from './arm-id.ts';
import type { ChoiceShape, Field, Fields, ObjectShape, Shape, TaggedShape, TextShape } from './shape.ts';

const text: TextShape = { kind: 'text' };
const anyText: TextShape = { kind: 'text', mayBeEmpty: true };
const boolean: Shape = { kind: 'boolean' };
const anything: Shape = { kind: 'anything' };
const natural: Shape = { kind: 'integer', min: 0 };
const texts: Shape = { kind: 'list', of: anyText };
const byTheService: Field = { shape: anything, readOnly: true };

const checksum: TextShape = {
  kind: 'text',
  mayBeEmpty: true,
  pattern: /^[0-9a-f]{64}$/,
  expected: 'the 64 hexadecimal digits of a SHA-256, in lower case',
};

const state: ChoiceShape = { kind: 'choice', values: ['Enabled', 'Disabled'] };
const onError: ChoiceShape = { kind: 'choice', values: ['cleanup', 'abort'] };
const storageAccountType: ChoiceShape = {
  kind: 'choice',
  values: ['Standard_LRS', 'Standard_ZRS', 'Premium_LRS'],
};

function object(fields: Fields): ObjectShape {
  return { kind: 'object', fields };
}

const source: TaggedShape = {
  kind: 'tagged',
  what: 'a source',
  missing: 'BadSourceType',
  unknown: 'BadSourceType',
  hints: {
    iso: 'installing from an ISO was a preview of 2019 and is gone; start from a PlatformImage, ManagedImage or SharedImageVersion',
    sharedimage: 'a source in a gallery has the type SharedImageVersion',
  },
  variants: {
    PlatformImage: {
      fields: {
        publisher: { shape: text },
        offer: { shape: text },
        sku: { shape: text },
        version: { shape: text },
        exactVersion: byTheService,
        planInfo: {
          shape: object({
            planName: { shape: text, required: 'BadPIRSource' },
            planProduct: { shape: text, required: 'BadPIRSource' },
            planPublisher: { shape: text, required: 'BadPIRSource' },
          }),
        },
      },
    },
    ManagedImage: {
      fields: {
        imageId: {
          shape: {
            kind: 'text',
            pattern: managedImageId,
            expected:
              'an id such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/images/NAME',
            code: 'BadManagedImageSource',
          },
          required: 'BadManagedImageSource',
        },
      },
    },
    SharedImageVersion: {
      fields: {
        imageVersionId: {
          shape: {
            kind: 'text',
            pattern: imageVersionId,
            expected:
              'an id such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/galleries/GALLERY/images/DEFINITION/versions/1.0.0',
            code: 'BadSharedImageVersionSource',
          },
          required: 'BadSharedImageVersionSource',
        },
        exactVersion: byTheService,
      },
    },
  },
};

const scriptFields: Fields = {
  scriptUri: { shape: anyText, alsoCalled: ['script', 'scriptUrl', 'uri', 'url'] },
  inline: { shape: texts, alsoCalled: ['commands', 'command', 'run'] },
  sha256Checksum: { shape: checksum, alsoCalled: ['checksum', 'sha256'] },
};

const shell = { fields: { name: { shape: anyText }, ...scriptFields } };
const powershell = {
  fields: {
    ...shell.fields,
    runElevated: { shape: boolean },
    runAsSystem: { shape: boolean },
    validExitCodes: { shape: { kind: 'list', of: { kind: 'integer' } } },
  } satisfies Fields,
};

function file(missing: Field['required'] & string) {
  return {
    fields: {
      name: { shape: anyText },
      sourceUri: { shape: text, required: missing, alsoCalled: ['source', 'sourceUrl', 'uri'] },
      sha256Checksum: { shape: checksum, alsoCalled: ['checksum', 'sha256'] },
      destination: { shape: text, required: 'ValidationFailed' },
    } satisfies Fields,
  };
}

const customizer: TaggedShape = {
  kind: 'tagged',
  what: 'a customizer',
  missing: 'BadCustomizerType',
  unknown: 'UnsupportedCustomizerType',
  hints: {
    linuxrestart: 'there is no restart of Linux machines; let a Shell customizer do without one',
    restart: 'there is WindowsRestart, for Windows machines alone',
    ansible: 'call Ansible in the lines of a Shell customizer',
  },
  variants: {
    Shell: shell,
    PowerShell: powershell,
    File: file('NoCustomizerScript'),
    WindowsRestart: {
      fields: {
        name: { shape: anyText },
        restartCommand: { shape: anyText },
        restartCheckCommand: { shape: anyText },
        restartTimeout: {
          shape: {
            kind: 'text',
            mayBeEmpty: true,
            pattern: /^(?:\d+(?:\.\d+)?(?:h|m|s|ms))+$/,
            expected: 'a number with a unit, such as 10m',
          },
        },
      },
    },
    WindowsUpdate: {
      since: '2019-05-01-preview',
      fields: {
        name: { shape: anyText },
        searchCriteria: { shape: anyText },
        filters: { shape: texts },
        updateLimit: { shape: natural },
      },
    },
  },
};

const validator: TaggedShape = {
  kind: 'tagged',
  what: 'a validator',
  missing: 'BadValidatorType',
  unknown: 'UnsupportedValidatorType',
  variants: {
    Shell: shell,
    PowerShell: powershell,
    File: { ...file('NoValidatorScript'), since: '2022-07-01' },
  },
};

const distribution: Fields = {
  runOutputName: {
    shape: {
      kind: 'text',
      pattern: /^[A-Za-z0-9._-]{1,64}$/,
      expected: '1 to 64 letters, digits, dashes, dots and underscores',
    },
    required: 'ValidationFailed',
  },
  artifactTags: { shape: { kind: 'texts' }, alsoCalled: ['tags'] },
};

const targetRegion = object({
  name: { shape: text, required: 'BadSharedImageDistribute' },
  replicaCount: { shape: { kind: 'integer', min: 1 } },
  storageAccountType: { shape: storageAccountType },
});

const distributor: TaggedShape = {
  kind: 'tagged',
  what: 'a distributor',
  missing: 'BadDistributeType',
  unknown: 'BadDistributeType',
  hints: { sharedimageversion: 'that is a type of source; a target in a gallery has the type SharedImage' },
  variants: {
    ManagedImage: {
      fields: {
        ...distribution,
        imageId: {
          shape: {
            kind: 'text',
            pattern: managedImageId,
            expected:
              'an id such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/images/NAME',
          },
          required: 'ValidationFailed',
        },
        location: { shape: text, required: 'ValidationFailed' },
      },
    },
    SharedImage: {
      fields: {
        ...distribution,
        galleryImageId: {
          shape: {
            kind: 'text',
            pattern: imageDefinitionId,
            expected:
              'an id such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/galleries/GALLERY/images/DEFINITION',
            code: 'BadSharedImageDistribute',
          },
          required: 'BadSharedImageDistribute',
        },
        excludeFromLatest: { shape: boolean },
        targetRegions: { shape: { kind: 'list', of: targetRegion }, since: '2022-07-01' },
        replicationRegions: { shape: { kind: 'list', of: text } },
        storageAccountType: { shape: storageAccountType },
        versioning: {
          since: '2022-07-01',
          shape: {
            kind: 'tagged',
            what: 'a versioning',
            missing: 'BadSharedImageDistribute',
            unknown: 'BadSharedImageDistribute',
            variants: {
              Latest: { fields: { major: { shape: { kind: 'integer', min: -1 } } } },
              Source: { fields: {} },
            },
          },
        },
        replicationMode: {
          shape: { kind: 'choice', values: ['Full', 'Shallow'] },
          since: '2025-10-01',
        },
      },
    },
    VHD: { fields: { ...distribution, uri: { shape: anyText, since: '2022-07-01' } } },
  },
};

const subnet: TextShape = {
  kind: 'text',
  pattern: subnetId,
  mayBeEmpty: true,
  expected:
    'an id such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/NETWORK/subnets/SUBNET',
};

const vmProfile = object({
  vmSize: { shape: anyText },
  osDiskSizeGB: { shape: natural },
  userAssignedIdentities: {
    since: '2021-10-01',
    shape: {
      kind: 'list',
      of: { kind: 'text', pattern: identityId, expected: 'the id of a user-assigned identity' },
    },
  },
  vnetConfig: {
    shape: object({
      subnetId: { shape: subnet },
      containerInstanceSubnetId: { shape: subnet, since: '2024-02-01' },
      proxyVmSize: { shape: anyText, since: '2022-02-14' },
    }),
  },
});

const properties = object({
  source: { shape: source, required: 'ValidationFailed' },
  customize: { shape: { kind: 'list', of: customizer } },
  validate: {
    since: '2022-02-14',
    shape: object({
      continueDistributeOnFailure: { shape: boolean },
      sourceValidationOnly: { shape: boolean },
      inVMValidations: { shape: { kind: 'list', of: validator } },
    }),
  },
  optimize: {
    since: '2022-07-01',
    shape: object({
      vmBoot: { shape: object({ state: { shape: state } }) },
      workload: {
        since: '2025-10-01',
        shape: object({
          state: { shape: state },
          scriptUri: { shape: anyText },
          sha256Checksum: { shape: checksum },
        }),
      },
    }),
  },
  distribute: { shape: { kind: 'list', of: distributor }, required: 'ValidationFailed' },
  errorHandling: {
    since: '2023-07-01',
    shape: object({ onCustomizerError: { shape: onError }, onValidationError: { shape: onError } }),
  },
  buildTimeoutInMinutes: { shape: { kind: 'integer', min: 0, max: 960 } },
  vmProfile: { shape: vmProfile },
  additionalDataDisks: {
    since: '2025-10-01',
    shape: { kind: 'list', of: object({ sizeGB: { shape: natural } }) },
  },
  stagingResourceGroup: {
    since: '2022-02-14',
    shape: {
      kind: 'text',
      mayBeEmpty: true,
      pattern: resourceGroupId,
      expected: 'an id such as /subscriptions/…/resourceGroups/NAME',
      code: 'BadStagingResourceGroup',
    },
  },
  autoRun: { since: '2024-02-01', shape: object({ state: { shape: state } }) },
  managedResourceTags: { since: '2024-02-01', shape: { kind: 'texts' } },
  exactStagingResourceGroup: byTheService,
  provisioningState: byTheService,
  provisioningError: byTheService,
  lastRunStatus: byTheService,
});

export const identityShape = object({
  type: { shape: { kind: 'choice', values: ['UserAssigned', 'None'] } },
  userAssignedIdentities: { shape: { kind: 'identities' } },
  principalId: byTheService,
  tenantId: byTheService,
});

/** The whole resource, as PUT sends it (2025-10-01 and, by `since`, the versions before). */
export const templateShape = object({
  id: byTheService,
  name: byTheService,
  type: byTheService,
  systemData: byTheService,
  location: { shape: text, required: 'ValidationFailed' },
  tags: { shape: { kind: 'texts' } },
  identity: { shape: identityShape },
  properties: { shape: properties, required: 'ValidationFailed' },
});

/** What PATCH may send; everything else of a template is as it was made. */
export const patchShape = object({
  identity: { shape: identityShape },
  tags: { shape: { kind: 'texts' } },
  properties: {
    shape: object({
      distribute: { shape: { kind: 'list', of: distributor } },
      vmProfile: { shape: vmProfile, since: '2024-02-01' },
    }),
  },
});
