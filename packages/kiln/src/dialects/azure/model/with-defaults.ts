import { deepFreeze } from '../../../plan/freeze.ts';
import { type ApiVersion, isAtLeast, newestApiVersion } from './api-version.ts';
import type { ImageTemplate } from './image-template.ts';

/** A template with what the service's replies fill in where nothing was given. */
export function withDefaults(
  template: ImageTemplate,
  { apiVersion = newestApiVersion }: { readonly apiVersion?: ApiVersion } = {},
): ImageTemplate {
  const { properties } = template;
  const knowsStaging = isAtLeast(apiVersion, '2022-02-14');
  return deepFreeze({
    ...template,
    properties: {
      ...properties,
      distribute: properties.distribute.map((one) => ({ artifactTags: {}, ...one })),
      buildTimeoutInMinutes: properties.buildTimeoutInMinutes ?? 0,
      vmProfile: { vmSize: '', osDiskSizeGB: 0, ...properties.vmProfile },
      ...(knowsStaging && { stagingResourceGroup: properties.stagingResourceGroup ?? '' }),
    },
  });
}
