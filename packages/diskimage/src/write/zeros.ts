const zeros = Buffer.alloc(64 << 10);

/** Compares with zeros in native code, which is ten times faster than a loop. */
export function isZero(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  // Data mostly shows in the first byte, and that is cheaper than a call.
  if (from < to && bytes[from] !== 0) return false;
  for (let at = from; at < to; at += zeros.length) {
    const end = Math.min(at + zeros.length, to);
    if (zeros.compare(bytes, at, end, 0, end - at) !== 0) return false;
  }
  return true;
}

/** Positions of areas in `bytes` that are made of units not all zero. */
export function* dataAreas(bytes: Uint8Array, unit: number): Generator<readonly [from: number, to: number]> {
  let from = -1;
  for (let at = 0; at < bytes.length; at += unit) {
    const isData = !isZero(bytes, at, Math.min(at + unit, bytes.length));
    if (isData && from < 0) from = at;
    if (isData || from < 0) continue;
    yield [from, at];
    from = -1;
  }
  if (from >= 0) yield [from, bytes.length];
}
