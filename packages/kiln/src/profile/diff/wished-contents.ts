import { readFile, stat } from 'node:fs/promises';
import { readTree } from '../../guests/local-tree.ts';
import type { Content, Profile } from '../../plan/profile.ts';

/**
 * What a profile wants files to hold, by path; only what it has itself or in local files, is not larger than `limit`
 * bytes, and may be shown.
 */
export async function readFileContents(
  { files, services }: Profile,
  paths: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const wanted = new Set(paths);
  const found = new Map<string, Uint8Array>();
  for (const { name, unit, dropIn } of services) {
    if (unit !== undefined) found.set(`/etc/systemd/system/${name}`, Buffer.from(unit));
    if (dropIn !== undefined) found.set(`/etc/systemd/system/${name}.d/kiln.conf`, Buffer.from(dropIn));
  }
  for (const file of files) {
    if (file.kind === 'file' && file.content && !file.secret && wanted.has(file.path)) {
      const bytes = await bytesOf(file.content, limit);
      if (bytes) found.set(file.path, bytes);
    }
    if (file.kind !== 'directory' || file.source === undefined) continue;
    for (const entry of await readTree(file.source)) {
      const path = `${file.path}/${entry.path}`;
      if (entry.kind === 'file' && wanted.has(path) && entry.size <= limit)
        found.set(path, await readFile(entry.local));
    }
  }
  return found;
}

async function bytesOf(content: Content, limit: number): Promise<Uint8Array | undefined> {
  switch (content.kind) {
    case 'text':
      return Buffer.from(content.text);
    case 'bytes':
      return Buffer.from(content.base64, 'base64');
    case 'local':
      return (await stat(content.path)).size <= limit ? readFile(content.path) : undefined;
    case 'url':
      return undefined;
  }
}
