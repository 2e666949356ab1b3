import { viewOf } from '../../read-bytes.ts';
import type { Inode } from './inode-decode.ts';

/** The number of a device file, in either of its two forms. */
export function deviceOf({ data }: Inode): { readonly major: number; readonly minor: number } {
  const view = viewOf(data);
  const short = view.getUint32(0, true);
  if (short !== 0) return { major: (short >>> 8) & 0xff, minor: short & 0xff };
  const long = view.getUint32(4, true);
  return { major: (long >>> 8) & 0xfff, minor: (long & 0xff) | ((long >>> 12) & 0xfff00) };
}
