import { createHash, hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OpenContent, TreeEntry } from '@kiln/diskimage';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import type { FileDigests } from './sbom-options.ts';

/** What is kept from one build to the next. */
interface KeptDigests {
  readonly schema: 1;
  /** By what the filesystem says of a file (`identityOf`): SHA-1 and SHA-256 in base64. */
  readonly files: Readonly<Record<string, readonly [sha1: string, sha256: string]>>;
}

/**
 * Digests of all regular files of a tree, by path. Those that have not changed since they were last read, by inode,
 * size and time of change, are not read again: most files of a tree lie in layers that many builds share.
 * @param root the folder that the entries were scanned from
 * @param memory a file that digests are kept in; left out, everything is read. What is damaged in it is read again
 */
export async function treeDigests(
  root: string,
  entries: Iterable<TreeEntry>,
  memory?: string,
): Promise<Map<string, FileDigests>> {
  const before = memory === undefined ? {} : await readMemory(memory);
  const after: Record<string, readonly [string, string]> = {};
  const digests = new Map<string, FileDigests>();
  let isNew = false;
  for (const entry of entries) {
    if (entry.kind !== 'file') continue;
    const identity = memory === undefined ? undefined : identityOf(root, entry);
    const known = identity === undefined ? undefined : before[identity];
    const found = known ? unpack(known) : digestsOf(entry.content.open(), entry.size);
    digests.set(entry.path, found);
    if (identity === undefined) continue;
    after[identity] = known ?? pack(found);
    isNew ||= known === undefined;
  }
  if (memory !== undefined && isNew) {
    const kept: KeptDigests = { schema: 1, files: after };
    await mkdir(dirname(memory), { recursive: true, mode: 0o700 });
    await writeFileAtomically(memory, JSON.stringify(kept), 0o600);
  }
  return digests;
}

/** Undefined for what is no file of that size there: its content comes from elsewhere. */
function identityOf(root: string, entry: TreeEntry & { readonly kind: 'file' }): string | undefined {
  try {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(entry.path, 'latin1')]);
    const { ino, size, ctimeNs } = lstatSync(path, { bigint: true });
    return size === BigInt(entry.size) ? `${ino} ${size} ${ctimeNs}` : undefined;
  } catch {
    return undefined;
  }
}

async function readMemory(path: string): Promise<KeptDigests['files']> {
  try {
    const kept = (await readJsonIfExists(path)) as Partial<KeptDigests> | undefined;
    return kept?.schema === 1 && typeof kept.files === 'object' ? kept.files : {};
  } catch {
    return {};
  }
}

/** Both digests of a file in one reading, piece by piece. */
function digestsOf(content: OpenContent, size: number): FileDigests {
  try {
    if (size <= pieceSize) {
      const bytes = pieces.subarray(0, size);
      readPiece(content, bytes, 0);
      return { sha1: hash('sha1', bytes), sha256: hash('sha256', bytes) };
    }
    const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
    for (let at = 0; at < size; at += pieceSize) {
      const bytes = pieces.subarray(0, Math.min(pieceSize, size - at));
      readPiece(content, bytes, at);
      sha1.update(bytes);
      sha256.update(bytes);
    }
    return { sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
  } finally {
    content.close();
  }
}

const pieceSize = 1 << 20;
const pieces = Buffer.alloc(pieceSize);

function readPiece(content: OpenContent, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length; ) {
    const got = content.read(into.subarray(done), position + done);
    if (got === 0) throw new RangeError('a file became shorter while it was read');
    done += got;
  }
}

function pack({ sha1, sha256 }: FileDigests): readonly [string, string] {
  return [Buffer.from(sha1, 'hex').toString('base64'), Buffer.from(sha256, 'hex').toString('base64')];
}

function unpack([sha1, sha256]: readonly [string, string]): FileDigests {
  return {
    sha1: Buffer.from(sha1, 'base64').toString('hex'),
    sha256: Buffer.from(sha256, 'base64').toString('hex'),
  };
}
