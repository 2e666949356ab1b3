/** Names that base/files.ts gives to files before they are renamed: never content, whatever is in them. */
const pattern = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;

export function isTemporaryName(name: string): boolean {
  return pattern.test(name);
}

/** The pid of the process that made a file of such a name; undefined for other names. */
export function makerOfTemporary(name: string): number | undefined {
  const match = pattern.exec(name);
  return match ? Number(match[1]) : undefined;
}
