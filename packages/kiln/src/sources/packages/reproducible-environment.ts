/**
 * What maintainers' scripts need in their environment so that they give the same result at any time: shadow, initramfs-tools,
 * Python and others take the time from the first, parts of TeX only with the second.
 */
export function reproducibleEnvironment(epoch: number): Readonly<Record<string, string>> {
  return { SOURCE_DATE_EPOCH: String(epoch), FORCE_SOURCE_DATE: '1' };
}
