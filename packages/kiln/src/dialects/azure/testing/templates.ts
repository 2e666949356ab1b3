/** Ids and bodies for tests, as people write them. */
export const group = '/subscriptions/0a1b/resourceGroups/team';
export const identityName = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/builder`;
export const gallery = `${group}/providers/Microsoft.Compute/galleries/shared_images`;

type Body = Record<string, unknown>;

/** A small body that is right in every version since 2020. */
export function smallBody(properties: Body = {}, more: Body = {}): Body {
  return {
    location: 'westeurope',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identityName]: {} } },
    properties: {
      source: {
        type: 'PlatformImage',
        publisher: 'Debian',
        offer: 'debian-12',
        sku: '12-gen2',
        version: 'latest',
      },
      customize: [{ type: 'Shell', name: 'greet', inline: ['echo hello'] }],
      distribute: [
        {
          type: 'ManagedImage',
          runOutputName: 'image',
          imageId: `${group}/providers/Microsoft.Compute/images/web`,
          location: 'westeurope',
        },
      ],
      ...properties,
    },
    ...more,
  };
}

/** Every part that 2025-10-01 knows. */
export function largeBody(): Body {
  return smallBody(
    {
      source: { type: 'SharedImageVersion', imageVersionId: `${gallery}/images/base/versions/latest` },
      customize: [
        {
          type: 'Shell',
          name: 'fetched',
          scriptUri: 'https://example.com/setup.sh',
          sha256Checksum: 'a'.repeat(64),
        },
        {
          type: 'File',
          name: 'page',
          sourceUri: 'https://example.com/index.html',
          destination: '/tmp/index.html',
        },
        {
          type: 'PowerShell',
          inline: ['Get-Date'],
          runElevated: true,
          runAsSystem: true,
          validExitCodes: [0, 3010],
        },
        { type: 'WindowsRestart', restartCommand: '', restartCheckCommand: 'echo up', restartTimeout: '10m' },
        {
          type: 'WindowsUpdate',
          searchCriteria: 'IsInstalled=0',
          filters: ['include:$true'],
          updateLimit: 20,
        },
      ],
      optimize: { vmBoot: { state: 'Enabled' }, workload: { state: 'Disabled' } },
      validate: {
        continueDistributeOnFailure: true,
        sourceValidationOnly: false,
        inVMValidations: [
          { type: 'Shell', inline: ['test -e /tmp/index.html'] },
          { type: 'File', sourceUri: './expected', destination: '/tmp/expected' },
        ],
      },
      distribute: [
        {
          type: 'SharedImage',
          runOutputName: 'versioned',
          galleryImageId: `${gallery}/images/web`,
          excludeFromLatest: true,
          replicationMode: 'Shallow',
          targetRegions: [
            { name: 'westeurope', replicaCount: 2, storageAccountType: 'Standard_ZRS' },
            { name: 'northeurope' },
          ],
          versioning: { scheme: 'Latest', major: 1 },
          artifactTags: { team: 'web' },
        },
        { type: 'VHD', runOutputName: 'disk', uri: 'https://account.blob.core.windows.net/vhds/web.vhd' },
      ],
      errorHandling: { onCustomizerError: 'abort', onValidationError: 'cleanup' },
      buildTimeoutInMinutes: 90,
      vmProfile: {
        vmSize: 'Standard_D2s_v5',
        osDiskSizeGB: 40,
        userAssignedIdentities: [identityName],
        vnetConfig: {
          subnetId: `${group}/providers/Microsoft.Network/virtualNetworks/net/subnets/machines`,
          containerInstanceSubnetId: `${group}/providers/Microsoft.Network/virtualNetworks/net/subnets/containers`,
        },
      },
      additionalDataDisks: [{ sizeGB: 8 }],
      stagingResourceGroup: '/subscriptions/0a1b/resourceGroups/staging',
      autoRun: { state: 'Disabled' },
      managedResourceTags: { cost: 'web' },
    },
    { tags: { owner: 'web' } },
  );
}

/** A copy of a value with parts set, or removed by undefined, at paths such as `properties.customize.0.inline`. */
export function changed(value: Body, changes: Readonly<Record<string, unknown>>): Body {
  const copy = structuredClone(value);
  for (const [path, to] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop()!;
    let inner: Body = copy;
    for (const name of names) inner = inner[name] as Body;
    if (to === undefined) delete inner[last];
    else inner[last] = to;
  }
  return copy;
}
