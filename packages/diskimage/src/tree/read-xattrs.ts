export async function readXattrs(
  _root: string,
  _keep: (name: string) => boolean,
): Promise<Map<string, Map<string, Uint8Array>>> {
  return new Map();
}
