/** A value with each path inside a folder as it counts from there: a project that is moved says the same. */
export function withoutFolders(value: unknown, folder: string): unknown {
  if (typeof value === 'string') return withoutFolder(value, folder);
  if (Array.isArray(value)) return value.map((inner) => withoutFolders(inner, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutFolders(inner, folder)]),
  );
}

export function withoutFolder(path: string, folder: string): string {
  if (path === folder) return '.';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
