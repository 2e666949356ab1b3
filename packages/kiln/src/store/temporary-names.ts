/** Names that `writeFileAtomically` writes under before its rename: never content, whatever is in them. */
const filePattern = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;
/** Names that locks use on their way. */
const lockPattern = /\.(\d+)\.[0-9a-f]{8}(?:\.dead)?$/;

export function isTemporaryName(name: string): boolean {
  return filePattern.test(name);
}

/** The pid of the process that made a file of such a name; undefined for other names. */
export function makerOfTemporary(name: string, kind: 'file' | 'lock'): number | undefined {
  const match = (kind === 'file' ? filePattern : lockPattern).exec(name);
  return match ? Number(match[1]) : undefined;
}
