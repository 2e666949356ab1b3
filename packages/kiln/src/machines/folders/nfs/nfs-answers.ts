import { fstatSync } from 'node:fs';
import type { Handle, Place } from './exported-tree.ts';
import { writeAttributes } from './nfs-attributes.ts';
import { statusOf } from './nfs-status.ts';
import type { XdrWriter } from './xdr.ts';

/** Runs a call; a refusal replaces what was written of its results. */
export function answer(
  out: XdrWriter,
  work: () => void,
  failed: (out: XdrWriter) => void = () => {},
): 'done' {
  const start = out.length;
  try {
    work();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const status = statusOf(error);
    out.truncate(start);
    out.u32(status);
    failed(out);
  }
  return 'done';
}

export function noAttributes(out: XdrWriter): void {
  out.bool(false);
}

/** `wcc_data` with nothing in it. */
export function noChange(out: XdrWriter): void {
  out.bool(false).bool(false);
}

/** `wcc_data`: nothing of before, and how the file is now. */
export function writeChange(out: XdrWriter, handle: Handle, { fd }: Place): void {
  out.bool(false).bool(true);
  writeAttributes(out, handle, fstatSync(fd, { bigint: true }));
}
