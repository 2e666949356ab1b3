import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnError } from '../../dialects/azure/model/image-template.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import type { RunSubState } from '../runs/runs.ts';
import { type SubStateOf, subStateOfStage } from './build-events.ts';
import { type BuildUser, giveTo } from './build-user.ts';
import { fetchFiles } from './fetch-files.ts';
import type { AddressRules } from './forbidden-address.ts';
import { nullBuildOf, nullTemplate } from './null-build.ts';

/** What `kiln build` is given. */
export interface PreparedBuild {
  readonly template: string;
  /** Further words of the command line. */
  readonly more: readonly string[];
  readonly subStateOf: SubStateOf;
  readonly onError: OnError;
  /** Name in the store of builds that the image will have; undefined when none will be made. */
  readonly image: string | undefined;
}

export interface BuildOrder {
  /** Name that the image gets in the store of builds, until it is distributed. */
  readonly imageName: string;
  readonly template: object;
  readonly name: string;
  /** What `--source-image` takes; undefined: the build's catalogue knows. */
  readonly sourceImage: string | undefined;
  readonly folder: string;
  readonly user: BuildUser | undefined;
  readonly rules: AddressRules;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
}

/**
 * Lays out what a build needs in the run's folder. Distribution is none of the build's affairs: it leaves one image in
 * its store, and the service takes it from there.
 * @throws KilnError for files that cannot be had
 */
export async function prepareBuild(order: BuildOrder): Promise<PreparedBuild> {
  const { folder, template, imageName, user } = order;
  for (const name of ['home', 'tmp', 'files']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    giveTo(user, join(folder, name));
  }
  const file = join(folder, 'template.json');
  const nullBuild = nullBuildOf(template);
  if (nullBuild) {
    await writeTemplate(file, nullTemplate(nullBuild));
    const at = (stage: string) => nullStages[Number(/^step (\d+) /.exec(stage)?.[1] ?? 0) - 1];
    return { template: file, more: [], subStateOf: at, onError: 'cleanup', image: undefined };
  }
  const own = await fetchFiles(template, join(folder, 'files'), order.rules, order.signal, order.log);
  const { properties, location } = own as { properties: Record<string, unknown>; location?: string };
  const distribute = [
    {
      type: 'ManagedImage',
      runOutputName: 'image',
      location: location ?? 'here',
      imageId: `/subscriptions/run/resourceGroups/run/providers/Microsoft.Compute/images/${imageName}`,
    },
  ];
  await writeTemplate(file, {
    type: 'Microsoft.VirtualMachineImages/imageTemplates',
    apiVersion: '2025-10-01',
    name: order.name,
    location: location ?? 'here',
    identity: { type: 'None' },
    properties: {
      ...withoutServiceOnly(properties),
      distribute,
    },
  });
  const handling = properties.errorHandling as
    | { readonly onCustomizerError?: OnError; readonly onValidationError?: OnError }
    | undefined;
  const validatesSource = valueAt(properties, ['validate', 'sourceValidationOnly']) === true;
  return {
    template: file,
    more: order.sourceImage === undefined ? [] : ['--source-image', order.sourceImage],
    subStateOf: subStateOfStage,
    onError:
      handling?.onCustomizerError === 'abort' || handling?.onValidationError === 'abort'
        ? 'abort'
        : 'cleanup',
    image: validatesSource ? undefined : imageName,
  };
}

const nullStages: readonly RunSubState[] = ['Building', 'Customizing', 'Optimizing', 'Validating'];

/** Fields that mean something to the service alone, and what it has filled in. */
function withoutServiceOnly(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const served = [
    ...['provisioningState', 'provisioningError', 'lastRunStatus', 'exactStagingResourceGroup'],
    ...['stagingResourceGroup', 'autoRun', 'managedResourceTags', 'distribute'],
  ];
  const rest = Object.fromEntries(Object.entries(properties).filter(([name]) => !served.includes(name)));
  const {
    vnetConfig: _network,
    userAssignedIdentities: _identities,
    ...profile
  } = (rest.vmProfile ?? {}) as Record<string, unknown>;
  const { exactVersion: _exact, ...source } = (rest.source ?? {}) as Record<string, unknown>;
  return { ...rest, source, vmProfile: profile };
}

async function writeTemplate(file: string, template: object): Promise<void> {
  await writeFile(file, JSON.stringify(template, null, 2));
  await chmod(file, 0o644);
}

/** The template's own name, from its id. */
export function templateName(templateId: string, template: unknown): string {
  return textAt(template, ['name']) ?? templateId.split('/').at(-1) ?? 'template';
}
