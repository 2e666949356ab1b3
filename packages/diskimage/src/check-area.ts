import { DiskImageError } from './read.ts';

/** @throws DiskImageError when bytes `position` to `position + length` are not all within the disk */
export function checkArea(disk: { readonly size: number }, position: number, length: number): void {
  if (position >= 0 && position + length <= disk.size) return;
  throw new DiskImageError(
    `bytes ${position} to ${position + length} are outside of the disk, which has ${disk.size}`,
  );
}
