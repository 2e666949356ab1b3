const gallery = '/api/v1/subscriptions/{subscription}/resourceGroups/{group}/galleries/{gallery}';

/** Paths of what there is of images beside ARM's resources. Versions are named by number, `latest`, or a channel. */
export const apiPaths = {
  gallery,
  image: `${gallery}/images/{definition}`,
  channel: `${gallery}/images/{definition}/channels/{channel}`,
  version: `${gallery}/images/{definition}/versions/{version}`,
} as const;

/** A path with what its braces stand for. */
export function apiPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}
