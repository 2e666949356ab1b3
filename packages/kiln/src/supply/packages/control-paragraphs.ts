/**
 * Paragraphs of fields, as deb822(5) has them: `Name: value`, where lines that start with a blank belong to the field
 * above. Names are lower-case in the result. Values keep the line breaks and lose the blank that marks each further
 * line.
 */
export function* controlParagraphs(text: string): Generator<ReadonlyMap<string, string>> {
  let fields = new Map<string, string>();
  let last: string | undefined;
  let parts: string[] = [];
  const finish = () => {
    if (last !== undefined) fields.set(last, parts.length === 1 ? parts[0]! : parts.join('\n'));
    last = undefined;
  };
  for (const line of lines(text)) {
    if (line === '') {
      finish();
      if (fields.size > 0) yield fields;
      fields = new Map();
      continue;
    }
    const first = line.charCodeAt(0);
    if (first === 0x20 || first === 0x09) {
      if (last !== undefined) parts.push(line.slice(1));
      continue;
    }
    if (first === 0x23) continue;
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    finish();
    last = line.slice(0, colon).toLowerCase();
    parts = [line.slice(colon + 1).trim()];
  }
  finish();
  if (fields.size > 0) yield fields;
}

/** A line of blanks ends a paragraph too. */
function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end).trimEnd();
    yield line;
    start = end + 1;
  }
}
