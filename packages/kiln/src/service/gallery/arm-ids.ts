import { ServiceError } from '../service-error.ts';

type Params = Readonly<Record<string, string>>;

/** Paths of routes; braces hold what `RouteRequest.params` has. */
export const paths = {
  subscription: '/subscriptions/{subscription}',
  group: '/subscriptions/{subscription}/resourceGroups/{group}',
  galleries: '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries',
  gallery:
    '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}',
  definition:
    '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}/images/{definition}',
  version:
    '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}/images/{definition}/versions/{version}',
  managedImages: '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/images',
  managedImage:
    '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/images/{image}',
} as const;

/** An ARM id from a path of `paths`. */
export function armId(path: keyof typeof paths, params: Params): string {
  return paths[path].replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
}

/** An id as the database has it: names are compared without case. */
export function idKey(id: string): string {
  return id.toLowerCase().replace(/\/+$/, '');
}

export interface VersionId {
  readonly subscription: string;
  readonly group: string;
  readonly gallery: string;
  readonly definition: string;
  /** `1.2.3` or `latest`; undefined for the id of a definition. */
  readonly version?: string;
}

/** Parts of the id of a definition or version; undefined for another. `versions` is also written `imageVersions`. */
export function parseVersionId(id: string): VersionId | undefined {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/galleries\/([^/]+)\/images\/([^/]+)(?:\/(?:image)?versions\/([^/]+))?\/?$/i.exec(
      id,
    );
  if (!match) return undefined;
  const [, subscription = '', group = '', gallery = '', definition = '', version] = match;
  return { subscription, group, gallery, definition, ...(version !== undefined && { version }) };
}

export function parseManagedImageId(
  id: string,
): { readonly subscription: string; readonly group: string; readonly image: string } | undefined {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/images\/([^/]+)\/?$/i.exec(
      id,
    );
  const [, subscription = '', group = '', image = ''] = match ?? [];
  return match ? { subscription, group, image } : undefined;
}

interface NameRule {
  readonly pattern: RegExp;
  readonly expected: string;
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const nameRules = {
  gallery: {
    pattern: /^[A-Za-z0-9](?:[A-Za-z0-9_.]{0,78}[A-Za-z0-9])?$/,
    expected: '80 letters, digits, underscores and periods at most, with a letter or digit at both ends',
  },
  definition: {
    pattern: /^[A-Za-z0-9][\w.-]{0,79}(?<![-.])$/,
    expected:
      '80 letters, digits, underscores, dashes and periods at most, that begin with a letter or digit and end with no dash or period',
  },
  version: {
    pattern: /^(?:0|[1-9]\d{0,9})\.(?:0|[1-9]\d{0,9})\.(?:0|[1-9]\d{0,9})$/,
    expected: 'three whole numbers such as 1.0.0',
  },
  image: {
    pattern: /^[A-Za-z0-9_](?:[\w.-]{0,78}[\w])?$/,
    expected: '80 letters, digits, underscores, dashes and periods at most, that end with no dash or period',
  },
} satisfies Record<string, NameRule>;

const largestNumber = 2 ** 31 - 1;

/** @throws ServiceError 400 InvalidParameter */
export function checkName(kind: keyof typeof nameRules, name: string): void {
  const { pattern, expected } = nameRules[kind];
  const fits = kind !== 'version' || name.split('.').every((part) => Number(part) <= largestNumber);
  if (pattern.test(name) && fits) return;
  const what = {
    gallery: 'a gallery',
    definition: 'an image definition',
    version: 'a version',
    image: 'an image',
  };
  throw new ServiceError(
    400,
    'InvalidParameter',
    `"${name}" cannot be the name of ${what[kind]}: ${expected}`,
    {
      target: `${kind}Name`,
    },
  );
}

/** Major, minor and patch of a name that `checkName` let pass. */
export function versionNumbers(name: string): readonly [major: number, minor: number, patch: number] {
  const [major = 0, minor = 0, patch = 0] = name.split('.').map(Number);
  return [major, minor, patch];
}
