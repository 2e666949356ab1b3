/** Extended attributes by path (as in TreeEntry), then by name. Only files that have some are in it. */
export type XattrsByPath = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

export interface XattrParser {
  add(chunk: Buffer): void;
  end(): XattrsByPath;
}

/** The path in a tree of what a program calls `.` or `./path`. */
export function treePath(name: string): string {
  return name === '.' || name === './' ? '' : name.replace(/^\.\//, '').replace(/\/$/, '');
}
