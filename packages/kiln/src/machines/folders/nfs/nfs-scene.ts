import { chmodSync, ftruncateSync, lutimesSync, utimesSync } from 'node:fs';
import type { Handle, Handles, Place } from './exported-tree.ts';
import { FolderPages } from './folder-pages.ts';
import type { NewAttributes } from './nfs-attributes.ts';
import { needFile } from './nfs-checks.ts';
import { OpenFiles } from './open-files.ts';
import type { RpcCaller } from './rpc-server.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** The most that is read or written at once, in bytes. */
export const blockSize = 1 << 18;

/** What all procedures work with. */
export class NfsScene {
  readonly handles: Handles;
  readonly files = new OpenFiles();
  readonly pages = new FolderPages();
  /** Verifiers of files that were made exclusively (RFC 1813, CREATE), by their keys. */
  readonly exclusive = new Map<string, string>();

  constructor(handles: Handles) {
    this.handles = handles;
  }

  /** The handle that a call begins with. @throws StaleHandle */
  handle(args: XdrReader): Handle {
    return this.handles.read(args.opaque(64));
  }
}

export interface Call {
  readonly args: XdrReader;
  readonly out: XdrWriter;
  readonly caller: RpcCaller;
}

/** Does something by the name that a file has in its folder. */
export function inFolderOf<T>(handle: Handle, work: (folder: number, name: string) => T): T {
  return handle.tree.with(handle.key, (_place, path) => {
    const at = path.lastIndexOf('/');
    return handle.tree.withPath(path.slice(0, Math.max(at, 0)), (folder) => work(folder, path.slice(at + 1)));
  });
}

export function applyChanges(
  scene: NfsScene,
  handle: Handle,
  place: Place,
  { mode, size, accessed, modified }: NewAttributes,
): void {
  const { facts, fd } = place;
  if (facts.isSymbolicLink()) return;
  const path = `/proc/self/fd/${fd}`;
  if (size !== undefined) {
    needFile(place);
    ftruncateSync(scene.files.get(fileKey(handle), place, true), Number(size));
  }
  if (mode !== undefined && mode !== Number(facts.mode & 0o777n)) chmodSync(path, mode);
  const [atime, mtime] = [accessed ?? facts.atimeNs, modified ?? facts.mtimeNs];
  // What is set to what it is must not look like a change on the host.
  if (modified !== undefined && modified === facts.mtimeNs && size === undefined) return;
  if (accessed !== undefined || modified !== undefined) utimesSync(path, seconds(atime), seconds(mtime));
}

export function setLinkTime(handle: Handle, { accessed, modified }: NewAttributes): void {
  if (accessed === undefined && modified === undefined) return;
  handle.tree.with(handle.key, ({ facts }) => {
    const [atime, mtime] = [accessed ?? facts.atimeNs, modified ?? facts.mtimeNs];
    inFolderOf(handle, (folder, name) =>
      lutimesSync(`/proc/self/fd/${folder}/${name}`, seconds(atime), seconds(mtime)),
    );
  });
}

export function fileKey({ tree, key }: Handle): string {
  return `${tree.id.toString('hex')}:${key}`;
}

export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}
