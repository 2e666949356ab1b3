/** Parts of ARM ids; nothing is asked of subscriptions and groups, which may be placeholders in samples. */
const segment = '[^/]+';
const group = `/subscriptions/${segment}/resource[Gg]roups/${segment}`;

function id(rest: string): RegExp {
  return new RegExp(`^${rest}$`, 'i');
}

export const managedImageId = id(`${group}/providers/Microsoft\\.Compute/images/${segment}`);
export const imageDefinitionId = id(
  `${group}/providers/Microsoft\\.Compute/galleries/${segment}/images/${segment}(?:/versions/${segment})?`,
);
/** Of an own gallery, one that is shared with the subscription, or one of the community. */
export const imageVersionId = id(
  `(?:${group}/providers/Microsoft\\.Compute/galleries/${segment}` +
    `|(?:/subscriptions/${segment}/providers/Microsoft\\.Compute/locations/${segment})?/(?:sharedGalleries|communityGalleries)/${segment})` +
    `/images/${segment}/versions/${segment}`,
);
export const identityId = id(
  `${group}/providers/Microsoft\\.ManagedIdentity/userAssignedIdentities/${segment}`,
);
export const subnetId = id(
  `${group}/providers/Microsoft\\.Network/virtualNetworks/${segment}/subnets/${segment}`,
);
export const resourceGroupId = id(group);

/** `1.2.3` with whole numbers. */
export const versionNumber = /^\d{1,10}\.\d{1,10}\.\d{1,10}$/;

/** What stands behind a name in an id, such as the gallery behind `galleries`; undefined when it is not there. */
export function partOfId(armId: string, name: string): string | undefined {
  // Words and names take turns: a gallery may be called "images".
  const parts = armId.split('/');
  const index = parts.findIndex((part, at) => at % 2 === 1 && part.toLowerCase() === name.toLowerCase());
  return index < 0 ? undefined : parts[index + 1];
}
