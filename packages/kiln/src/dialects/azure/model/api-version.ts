/** Versions of the API of Microsoft.VirtualMachineImages, the oldest first. */
export const apiVersions = [
  '2018-02-01-preview',
  '2019-02-01-preview',
  '2019-05-01-preview',
  '2020-02-14',
  '2021-10-01',
  '2022-02-14',
  '2022-07-01',
  '2023-07-01',
  '2024-02-01',
  '2025-10-01',
] as const;

export type ApiVersion = (typeof apiVersions)[number];

/** What a template without a version is read as. */
export const newestApiVersion: ApiVersion = '2025-10-01';

/** From here on names of fields are compared letter by letter, and unknown ones refused. */
const firstStrict = '2024-02-01';

export function isApiVersion(text: string): text is ApiVersion {
  return apiVersions.some((one) => one === text);
}

/** Versions are dates, so that their order is that of their letters. */
export function isAtLeast(version: ApiVersion, other: ApiVersion): boolean {
  return version >= other;
}

export function isStrict(version: ApiVersion): boolean {
  return isAtLeast(version, firstStrict);
}
