import { childOf, type Handle, type Place } from './exported-tree.ts';
import { NfsError, nfsStatus } from './nfs-status.ts';
import type { XdrReader } from './xdr.ts';

/** A name in a folder. @throws NfsError for one that could mean something else */
export function nameOf(args: XdrReader): string {
  const name = args.text();
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new NfsError(nfsStatus.inval);
  }
  return name;
}

export function openChild(place: Place, name: string): Place | undefined {
  if (name === '' || name.includes('/') || name.includes('\0')) throw new NfsError(nfsStatus.inval);
  return childOf(place, name);
}

export function needWritable({ tree }: Handle): void {
  if (tree.settings.readOnly) throw new NfsError(nfsStatus.rofs);
}

export function needFile({ facts }: Place): void {
  if (facts.isDirectory()) throw new NfsError(nfsStatus.isdir);
  if (!facts.isFile()) throw new NfsError(nfsStatus.inval);
}

export function needFolder({ facts }: Place): void {
  if (!facts.isDirectory()) throw new NfsError(nfsStatus.notdir);
}
