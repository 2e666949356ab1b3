const zeros = Buffer.alloc(64 << 10);

/** Compares with zeros in native code, which is ten times faster than a loop. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const length = Math.min(zeros.length, bytes.length - at);
    if (zeros.compare(bytes, at, at + length, 0, length) !== 0) return false;
  }
  return true;
}

/** Positions of areas in `bytes` that are made of units not all zero. */
export function* dataAreas(bytes: Uint8Array, unit: number): Generator<readonly [from: number, to: number]> {
  let from = -1;
  for (let at = 0; at < bytes.length; at += unit) {
    const isData = !isZero(bytes.subarray(at, at + unit));
    if (isData && from < 0) from = at;
    if (isData || from < 0) continue;
    yield [from, at];
    from = -1;
  }
  if (from >= 0) yield [from, bytes.length];
}
