/**
 * JSON as Go's `json.MarshalIndent(value, "", "  ")` writes it: `<`, `>` and `&` escaped, and the two line
 * separators of JavaScript; maps are written in the order given.
 */
export function goJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Names in the order of their UTF-8 bytes, as Go sorts a map's keys. */
export function goSortedKeys(record: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(record).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
