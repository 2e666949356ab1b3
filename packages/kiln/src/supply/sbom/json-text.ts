/**
 * A document as JSON: the values of the lists at its top are one line each, so that two versions compare line by line,
 * and so that the text is not twice as long for blanks.
 */
export function documentText(document: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(document)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${JSON.stringify(key)}: ${Array.isArray(value) ? listText(value) : JSON.stringify(value)}`,
    );
  return `{\n${fields.join(',\n')}\n}\n`;
}

function listText(values: readonly unknown[]): string {
  return values.length === 0 ? '[]' : `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`;
}

/** SOURCE_DATE_EPOCH as both formats want it: UTC, whole seconds. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
