import type { OpenedTemplate } from '../arm/open-templates.ts';
import type { Losses } from './losses.ts';

/** Says what only Azure has, and so is lost in every other language. */
export function addCommonLosses({ template, at }: OpenedTemplate, losses: Losses): void {
  const { properties, tags } = template;
  const place = (name: string) => at(['properties', name]);
  losses.add(
    at(['identity']),
    `${tags ? 'identity, location and tags are' : 'identity and location are'} lost: they are Azure's`,
  );
  const { errorHandling, validate, optimize, additionalDataDisks, vmProfile } = properties;
  if (properties.buildTimeoutInMinutes)
    losses.add(place('buildTimeoutInMinutes'), 'the limit of the time of the whole build is lost');
  if (errorHandling?.onCustomizerError === 'abort' || errorHandling?.onValidationError === 'abort')
    losses.add(
      place('errorHandling'),
      'that the machine is kept after an error is lost',
      'build with --on-error=abort',
    );
  if (validate?.continueDistributeOnFailure)
    losses.add(
      place('validate'),
      'a validation that fails ends the build: that the image is distributed all the same is lost',
    );
  if (validate?.sourceValidationOnly)
    losses.add(place('validate'), 'that only the source is validated is lost', 'take the other steps out');
  if (optimize) losses.add(place('optimize'), '"optimize" is lost');
  if (additionalDataDisks?.length) losses.add(place('additionalDataDisks'), 'the additional disks are lost');
  if (vmProfile?.vnetConfig || vmProfile?.userAssignedIdentities)
    losses.add(place('vmProfile'), 'the network and identities of the machine are lost');
  for (const name of ['stagingResourceGroup', 'autoRun', 'managedResourceTags'] as const)
    if (properties[name]) losses.add(place(name), `"${name}" is lost`);
  for (const [index, one] of properties.distribute.entries()) {
    if (one.artifactTags && Object.keys(one.artifactTags).length > 0)
      losses.add(at(['properties', 'distribute', index, 'artifactTags']), 'the tags of the image are lost');
  }
}
