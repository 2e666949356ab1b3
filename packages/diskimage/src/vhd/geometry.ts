export interface Geometry {
  readonly cylinders: number;
  readonly heads: number;
  /** Per track. */
  readonly sectors: number;
}

/** The geometry that a disk of this size (bytes) has by the VHD specification 1.0, appendix "CHS Calculation". */
export function vhdGeometry(size: number): Geometry {
  const total = Math.min(Math.floor(size / 512), 65535 * 16 * 255);
  const made = (sectors: number, heads: number): Geometry => ({
    cylinders: Math.floor(Math.floor(total / sectors) / heads),
    heads,
    sectors,
  });
  if (total >= 65535 * 16 * 63) return made(255, 16);
  const tracks = Math.floor(total / 17);
  const heads = Math.max(4, Math.ceil(tracks / 1024));
  if (tracks < heads * 1024 && heads <= 16) return made(17, heads);
  if (Math.floor(total / 31) < 16 * 1024) return made(31, 16);
  return made(63, 16);
}
