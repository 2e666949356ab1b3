import { findSecrets } from '../../supply/secrets/find-secrets.ts';
import type { SystemEntry } from '../../supply/system/system-files.ts';
import { encodeName } from '../inventory/byte-names.ts';
import type { InventoryFile } from '../inventory/inventory.ts';
import type { LeftOutSecret } from './captured-profile.ts';

/** Which of some files hold a secret, by path: keys, tokens, passwords. Never tells any part of one. */
export async function secretFiles(
  files: readonly InventoryFile[],
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<Map<string, LeftOutSecret>> {
  const byTreePath = new Map<string, Uint8Array>();
  const entries = new Map<string, SystemEntry>();
  for (const { path, mode, uid, gid } of files) {
    const bytes = contents.get(path);
    if (!bytes) continue;
    const treePath = encodeName(path.slice(1)).toString('latin1');
    byTreePath.set(treePath, bytes);
    entries.set(treePath, { kind: 'file', mode, uid, gid, mtime: 0, size: bytes.length });
  }
  const found = new Map<string, LeftOutSecret>();
  const read = async (path: string, limit = Number.POSITIVE_INFINITY) =>
    byTreePath.get(path)!.subarray(0, limit);
  for (const { path, what, line } of await findSecrets({ entries, read }, { allow: [] })) {
    if (!found.has(path))
      found.set(path, { name: line === undefined ? path : `${path}, line ${line}`, what });
  }
  return found;
}

/** Whether a file looks as if it held a secret. */
export async function holdsSecret(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = { path, kind: 'file', mode: 0o600, uid: 0, gid: 0, size: bytes.length, state: 'own' } as const;
  return (await secretFiles([file], new Map([[path, bytes]]))).size > 0;
}
