import { type ApiVersion, isAtLeast } from './api-version.ts';
import { identityId, partOfId, versionNumber } from './arm-id.ts';
import type { FaultCode, Faults, JsonPath } from './fault.ts';
import type {
  Customizer,
  Distributor,
  FileCustomizer,
  ImageTemplate,
  PowerShellCustomizer,
  SharedImageDistributor,
  ShellCustomizer,
  TemplateIdentity,
  TemplateProperties,
  Validator,
  VmProfile,
} from './image-template.ts';

/** Parts of a template that could be read; what was wrong by itself is missing. */
export type ReadTemplate = Omit<Partial<ImageTemplate>, 'properties'> & {
  readonly properties?: Partial<TemplateProperties>;
};

/** The rules that hold between fields. */
export function checkRules(template: ReadTemplate, apiVersion: ApiVersion, faults: Faults): void {
  checkIdentity(template.identity, apiVersion, faults);
  const { properties } = template;
  if (!properties) return;
  const { source, customize, validate, distribute, vmProfile, optimize } = properties;
  if (source?.type === 'SharedImageVersion') checkSourceVersion(source.imageVersionId, apiVersion, faults);
  each(customize, ['properties', 'customize'], (one, path) =>
    checkCustomizer(one, path, 'NoCustomizerScript', faults),
  );
  each(validate?.inVMValidations, ['properties', 'validate', 'inVMValidations'], (one, path) =>
    checkCustomizer(one, path, 'NoValidatorScript', faults),
  );
  if (distribute) checkDistributors(distribute, ['properties', 'distribute'], faults);
  const minutes = properties.buildTimeoutInMinutes;
  if (minutes !== undefined && minutes >= 1 && minutes <= 5) {
    faults.error(
      ['properties', 'buildTimeoutInMinutes'],
      'ValidationFailed',
      `a build cannot be done in ${minutes} minutes: 1 to 5 always fail`,
      'give 6 to 960, or 0 for 240',
    );
  }
  if (vmProfile) checkVmProfile(vmProfile, ['properties', 'vmProfile'], faults);
  if (optimize?.workload?.state === 'Enabled' && !optimize.workload.scriptUri) {
    faults.error(['properties', 'optimize', 'workload'], 'ValidationFailed', 'a workload has no "scriptUri"');
  }
}

function each<T>(
  list: readonly T[] | undefined,
  path: JsonPath,
  check: (one: T, path: JsonPath) => void,
): void {
  // What could not be read has left a hole.
  list?.forEach((one, index) => {
    if (one !== undefined) check(one, [...path, index]);
  });
}

const identityHint =
  'add "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/…/userAssignedIdentities/NAME": {}}}; a service principal, as until 2020, does not do any more';

export function checkIdentity(
  identity: TemplateIdentity | undefined,
  apiVersion: ApiVersion,
  faults: Faults,
): void {
  if (identity === undefined) {
    if (faults.hasErrorIn(['identity'])) return;
    if (isAtLeast(apiVersion, '2020-02-14'))
      faults.error([], 'ValidationFailed', 'the template has no "identity"', identityHint);
    else
      faults.warning([], 'the template has no "identity", which all versions since 2020 want', identityHint);
    return;
  }
  const ids = Object.keys(identity.userAssignedIdentities ?? {});
  const path = ['identity', 'userAssignedIdentities'];
  if (identity.type !== 'None' && ids.length === 0 && !faults.hasErrorIn(['identity'])) {
    faults.error(
      ['identity'],
      'ValidationFailed',
      'an identity of type UserAssigned names none',
      identityHint,
    );
  }
  if (identity.type === 'None' && ids.length > 0) {
    faults.error(path, 'ValidationFailed', 'an identity of type None has no "userAssignedIdentities"');
  }
  for (const id of ids) {
    if (identityId.test(id)) continue;
    if (isPlaceholder(id)) {
      faults.warning([...path, id], `"${id}" is still to be filled in`);
      continue;
    }
    faults.error(
      [...path, id],
      'ValidationFailed',
      `"${id}" is not the id of a user-assigned identity`,
      'it ends with …/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME',
    );
  }
}

function checkSourceVersion(id: string | undefined, apiVersion: ApiVersion, faults: Faults): void {
  const version = id === undefined ? undefined : partOfId(id, 'versions');
  if (version === undefined || versionNumber.test(version) || isPlaceholder(version)) return;
  const path = ['properties', 'source', 'imageVersionId'];
  if (version.toLowerCase() !== 'latest') {
    faults.error(
      path,
      'BadSharedImageVersionSource',
      `"${version}" is not a version`,
      'a version is MAJOR.MINOR.PATCH with whole numbers, or latest',
    );
  } else if (!isAtLeast(apiVersion, '2022-07-01')) {
    faults.error(
      path,
      'BadSharedImageVersionSource',
      'the version "latest" is known from apiVersion 2022-07-01 on',
      'name a version such as 1.0.0',
    );
  }
}

/** Samples have words in braces for what is to be filled in. */
function isPlaceholder(text: string): boolean {
  return /^[{<].*[}>]$/.test(text);
}

function checkCustomizer(
  one: Customizer | Validator,
  path: JsonPath,
  noScript: FaultCode,
  faults: Faults,
): void {
  switch (one.type) {
    case 'Shell':
      checkScript(one, path, noScript, faults);
      return;
    case 'PowerShell':
      checkScript(one, path, noScript, faults);
      if (one.runAsSystem && !one.runElevated) {
        faults.error(
          [...path, 'runAsSystem'],
          'ValidationFailed',
          '"runAsSystem" needs "runElevated"',
          'add "runElevated": true',
        );
      }
      return;
    case 'File':
      checkDestination(one, path, faults);
      return;
    case 'WindowsRestart':
    case 'WindowsUpdate':
      return;
  }
}

function checkScript(
  { scriptUri = '', inline, sha256Checksum = '' }: ShellCustomizer | PowerShellCustomizer,
  path: JsonPath,
  noScript: FaultCode,
  faults: Faults,
): void {
  const hasLines = inline !== undefined && inline.length > 0;
  if (scriptUri !== '' && hasLines) {
    faults.error(
      path,
      'ValidationFailed',
      'there are "scriptUri" and "inline", and only one can be run',
      'take one out',
    );
  } else if (scriptUri === '' && !hasLines && !faults.hasErrorIn(path)) {
    faults.error(
      path,
      noScript,
      'there is nothing to run',
      'give "scriptUri" with the address of a script, or "inline" with its lines',
    );
  }
  if (hasLines && sha256Checksum !== '') {
    faults.warning([...path, 'sha256Checksum'], '"sha256Checksum" is for a "scriptUri"; lines have none');
  }
}

function checkDestination({ destination }: FileCustomizer, path: JsonPath, faults: Faults): void {
  if (destination === undefined) return;
  const place = [...path, 'destination'];
  const isWindows = /^[A-Za-z]:[\\/]/.test(destination);
  if (!isWindows && !destination.startsWith('/') && !isPlaceholder(destination)) {
    faults.error(
      place,
      'ValidationFailed',
      `"${destination}" is not an absolute path`,
      'write where in the machine, such as /tmp/name or C:\\folder\\name; the folder must be there',
    );
  } else if (destination.startsWith('/') && !/^\/tmp\/./.test(destination)) {
    faults.warning(
      place,
      `"${destination}" is not below /tmp, the only place where the user of a build may write`,
      'copy it to /tmp, and have a Shell customizer move it with sudo',
    );
  }
}

/** @param path where the list stands */
export function checkDistributors(distribute: readonly Distributor[], path: JsonPath, faults: Faults): void {
  if (distribute.length === 0) {
    faults.error(
      path,
      'ValidationFailed',
      'there is no target to distribute the image to',
      'add one to "distribute"',
    );
  }
  const names = new Map<string, number>();
  each(distribute, path, (one, place) => {
    const name = one.runOutputName?.toLowerCase();
    const index = place.at(-1) as number;
    const first = name === undefined ? undefined : names.get(name);
    if (first !== undefined) {
      faults.error(
        [...place, 'runOutputName'],
        'ValidationFailed',
        `the run output name "${one.runOutputName}" is given twice`,
        `first in ${placeText(path)}[${first}]; each target needs a name of its own`,
      );
    } else if (name !== undefined) names.set(name, index);
    if (one.type === 'SharedImage') checkSharedImage(one, place, faults);
    if (one.type === 'VHD' && one.uri && !/^https?:\/\//i.test(one.uri) && !isPlaceholder(one.uri)) {
      faults.error(
        [...place, 'uri'],
        'ValidationFailed',
        `"${one.uri}" is not an address`,
        'write https://…/NAME.vhd',
      );
    }
  });
}

function placeText(path: JsonPath): string {
  return path.join('.');
}

function checkSharedImage(one: SharedImageDistributor, path: JsonPath, faults: Faults): void {
  const { galleryImageId, targetRegions, replicationRegions, storageAccountType, versioning } = one;
  const code = 'BadSharedImageDistribute';
  if (targetRegions !== undefined && replicationRegions !== undefined) {
    faults.error(
      [...path, 'replicationRegions'],
      code,
      '"replicationRegions" and "targetRegions" cannot stand together',
      'keep "targetRegions", and name all regions there',
    );
  }
  if (targetRegions !== undefined && storageAccountType !== undefined) {
    faults.error(
      [...path, 'storageAccountType'],
      code,
      '"storageAccountType" belongs to "replicationRegions"',
      'give each of "targetRegions" its own',
    );
  }
  const regions = new Set<string>();
  for (const [index, name] of (
    targetRegions?.map((region) => region?.name) ??
    replicationRegions ??
    []
  ).entries()) {
    if (name === undefined) continue;
    const key = name.replaceAll(' ', '').toLowerCase();
    const list = targetRegions ? 'targetRegions' : 'replicationRegions';
    if (regions.has(key)) faults.error([...path, list, index], code, `the region "${name}" is given twice`);
    regions.add(key);
  }
  const version = galleryImageId === undefined ? undefined : partOfId(galleryImageId, 'versions');
  if (version === undefined) return;
  if (!versionNumber.test(version) && !isPlaceholder(version)) {
    faults.error(
      [...path, 'galleryImageId'],
      code,
      `"${version}" is not a version`,
      'a version is MAJOR.MINOR.PATCH with whole numbers; leave "/versions/…" out to have one counted up',
    );
  }
  if (versioning !== undefined) {
    faults.error(
      [...path, 'versioning'],
      code,
      `the id names the version ${version} already, so there is nothing to find by "versioning"`,
      'take one of both out',
    );
  }
}

export function checkVmProfile({ vnetConfig }: VmProfile, path: JsonPath, faults: Faults): void {
  if (!vnetConfig) return;
  const { subnetId = '', containerInstanceSubnetId: container = '', proxyVmSize = '' } = vnetConfig;
  const place = [...path, 'vnetConfig'];
  if (container === '') return;
  const at = [...place, 'containerInstanceSubnetId'];
  if (subnetId === '') {
    faults.error(at, 'ValidationFailed', '"containerInstanceSubnetId" needs "subnetId"');
  } else if (container.toLowerCase() === subnetId.toLowerCase()) {
    faults.error(
      at,
      'ValidationFailed',
      'the subnet of containers is that of the machine',
      'name another one of the same network',
    );
  } else if (networkOf(container) !== networkOf(subnetId)) {
    faults.error(
      at,
      'ValidationFailed',
      'the subnet of containers is in another network than that of the machine',
    );
  }
  if (proxyVmSize !== '') {
    faults.error(
      [...place, 'proxyVmSize'],
      'ValidationFailed',
      'there is no proxy machine beside "containerInstanceSubnetId"',
      'take "proxyVmSize" out',
    );
  }
}

function networkOf(subnet: string): string {
  return subnet.toLowerCase().replace(/\/subnets\/[^/]+$/, '');
}
