import { isSystemError } from '../../../base/errors.ts';
import { StaleHandle } from './exported-tree.ts';

/** Statuses of NFS (RFC 1813, section 2.6). */
export const nfsStatus = {
  ok: 0,
  perm: 1,
  noent: 2,
  io: 5,
  acces: 13,
  exist: 17,
  xdev: 18,
  notdir: 20,
  isdir: 21,
  inval: 22,
  fbig: 27,
  nospc: 28,
  rofs: 30,
  mlink: 31,
  nametoolong: 63,
  notempty: 66,
  dquot: 69,
  stale: 70,
  notSync: 10_002,
  notsupp: 10_004,
} as const;

/** A refusal with a status of its own. */
export class NfsError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`NFS status ${status}`);
    this.status = status;
  }
}

const bySystemCode: Readonly<Record<string, number>> = {
  EPERM: nfsStatus.perm,
  ENOENT: nfsStatus.noent,
  EACCES: nfsStatus.acces,
  EEXIST: nfsStatus.exist,
  EXDEV: nfsStatus.xdev,
  ENOTDIR: nfsStatus.notdir,
  EISDIR: nfsStatus.isdir,
  EINVAL: nfsStatus.inval,
  ELOOP: nfsStatus.inval,
  EFBIG: nfsStatus.fbig,
  ENOSPC: nfsStatus.nospc,
  EROFS: nfsStatus.rofs,
  EMLINK: nfsStatus.mlink,
  ENAMETOOLONG: nfsStatus.nametoolong,
  ENOTEMPTY: nfsStatus.notempty,
  EDQUOT: nfsStatus.dquot,
};

/** The status of what was thrown; mistakes of the server itself are thrown on. */
export function statusOf(error: unknown): number {
  if (error instanceof NfsError) return error.status;
  if (error instanceof StaleHandle) return nfsStatus.stale;
  for (const [code, status] of Object.entries(bySystemCode)) if (isSystemError(error, code)) return status;
  if (error instanceof Error && 'syscall' in error) return nfsStatus.io;
  throw error;
}
