import type { Ext4Layout } from './layout.ts';

/** A layout as compact JSON text. */
export function layoutToJson(layout: Ext4Layout): string {
  return JSON.stringify(layout);
}

/** @throws DiskImageError when the text is no layout of this version */
export function layoutFromJson(_text: string): Ext4Layout {
  throw new Error('not yet');
}
