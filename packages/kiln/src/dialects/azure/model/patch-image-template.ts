import { deepFreeze } from '../../../plan/freeze.ts';
import { type ApiVersion, isStrict, newestApiVersion } from './api-version.ts';
import type { CheckedTemplate } from './check-image-template.ts';
import { checkDistributors, checkIdentity, checkVmProfile } from './check-rules.ts';
import { Faults } from './fault.ts';
import type { Distributor, ImageTemplate, TemplateIdentity, Texts, VmProfile } from './image-template.ts';
import { isObject, readShape } from './read-shape.ts';
import type { Fields } from './shape.ts';
import { patchShape, templateShape } from './template-shape.ts';

interface ReadPatch {
  readonly identity?: Omit<TemplateIdentity, 'userAssignedIdentities'> & {
    readonly userAssignedIdentities?: Readonly<Record<string, object | null>>;
  };
  readonly tags?: Texts;
  readonly properties?: { readonly distribute?: readonly Distributor[]; readonly vmProfile?: VmProfile };
}

/**
 * A template as PATCH changes it. Only identity, tags, `properties.distribute` and, from 2024-02-01 on,
 * `properties.vmProfile` can be changed. Tags and targets are replaced as a whole, and no target may be missing; an
 * identity that is null goes, others are added; fields of the profile are set one by one.
 */
export function patchImageTemplate(
  existing: ImageTemplate,
  patch: unknown,
  { apiVersion = newestApiVersion }: { readonly apiVersion?: ApiVersion } = {},
): CheckedTemplate {
  const faults = new Faults();
  const sent = withoutImmutable(patch, apiVersion, faults);
  const read = readShape(sent, patchShape, [], { apiVersion, faults });
  if (!isObject(read)) return { valid: false, faults: faults.list() };
  const { identity, tags, properties } = read as ReadPatch;
  const distribute = properties?.distribute;
  if (distribute && !faults.hasErrors) {
    const path = ['properties', 'distribute'];
    checkDistributors(distribute, path, faults);
    for (const { runOutputName } of existing.properties.distribute) {
      const name = runOutputName.toLowerCase();
      if (distribute.some((one) => one?.runOutputName?.toLowerCase() === name)) continue;
      faults.error(
        path,
        'ValidationFailed',
        `Validation failed: Distribute target with Runoutput name ${runOutputName} not found in the update request. Deleting a distribution target is not allowed.`,
        'send all targets, with all of their fields',
      );
    }
  }
  const vmProfile = properties?.vmProfile && { ...existing.properties.vmProfile, ...properties.vmProfile };
  if (vmProfile) checkVmProfile(vmProfile, ['properties', 'vmProfile'], faults);
  const changed = identity && patchIdentity(existing.identity, identity);
  if (changed) checkIdentity(changed, apiVersion, faults);
  if (faults.hasErrors) return { valid: false, faults: faults.list().map(withIndex) };
  const template: ImageTemplate = {
    ...existing,
    ...(tags && { tags }),
    ...(changed && { identity: changed }),
    properties: {
      ...existing.properties,
      ...(distribute && { distribute }),
      ...(vmProfile && { vmProfile }),
    },
  };
  return { valid: true, template: deepFreeze(template), faults: faults.list() };
}

/** Says that what cannot be changed cannot, passes over what only the service says, and hands on the rest. */
function withoutImmutable(patch: unknown, apiVersion: ApiVersion, faults: Faults): unknown {
  if (!isObject(patch)) return patch;
  const context = { apiVersion, faults };
  const rest = take(patch, templateShape.fields, Object.keys(patchShape.fields), [], context);
  const { properties } = rest;
  if (!isObject(properties)) return rest;
  const changeable = Object.keys(fieldsOf('properties', patchShape.fields)).filter(
    (name) => name !== 'vmProfile' || isStrict(apiVersion),
  );
  const own = fieldsOf('properties', templateShape.fields);
  return { ...rest, properties: take(properties, own, changeable, ['properties'], context) };
}

function take(
  value: object,
  known: Fields,
  changeable: readonly string[],
  path: readonly string[],
  { apiVersion, faults }: { readonly apiVersion: ApiVersion; readonly faults: Faults },
): Record<string, unknown> {
  const isSame = (a: string, b: string) =>
    a === b || (!isStrict(apiVersion) && a.toLowerCase() === b.toLowerCase());
  const kept = Object.entries(value).filter(([name]) => {
    const field = Object.entries(known).find(([one]) => isSame(one, name))?.[1];
    if (!field || changeable.some((one) => isSame(one, name))) return true;
    if (!field.readOnly) {
      faults.error(
        [...path, name],
        'ValidationFailed',
        `"${[...path, name].join('.')}" cannot be changed once the template is made`,
        'an update takes identity, tags, properties.distribute and properties.vmProfile; delete the template and make it anew for anything else',
      );
    }
    return false;
  });
  return Object.fromEntries(kept);
}

function fieldsOf(name: string, fields: Fields): Fields {
  const shape = fields[name]?.shape;
  return shape?.kind === 'object' ? shape.fields : {};
}

function patchIdentity(
  existing: TemplateIdentity | undefined,
  { type, userAssignedIdentities = {} }: NonNullable<ReadPatch['identity']>,
): TemplateIdentity {
  if (type === 'None') return { type };
  const identities: Record<string, object> = { ...existing?.userAssignedIdentities };
  for (const [id, value] of Object.entries(userAssignedIdentities)) {
    const same = Object.keys(identities).find((one) => one.toLowerCase() === id.toLowerCase());
    if (same !== undefined) delete identities[same];
    if (value !== null) identities[id] = value;
  }
  return { type: 'UserAssigned', userAssignedIdentities: identities };
}

/** The service names a target that lacks a field by its index. */
function withIndex(fault: ReturnType<Faults['list']>[number]): typeof fault {
  const missing = /^properties\.distribute\[(\d+)\] has no "(\w+)"$/.exec(fault.message);
  if (!missing) return fault;
  const [, index, field] = missing;
  return {
    ...fault,
    message: `Validation failed: 'ImageTemplate.properties.distribute[${index}]': Missing field ${field}.`,
  };
}
