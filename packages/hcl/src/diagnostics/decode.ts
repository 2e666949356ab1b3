import type { Diagnostic } from './diagnostic.ts';
import { Source } from './source.ts';

/** A text, or the bytes of a file in UTF-8. */
export type SourceText = string | Uint8Array;

/** The source of a text. Bytes that are no UTF-8 are told, and stand in it as U+FFFD. */
export function sourceOf(
  text: SourceText,
  file: string,
): { readonly source: Source; readonly diagnostics: Diagnostic[] } {
  if (typeof text === 'string') return { source: new Source(text, file), diagnostics: [] };
  const source = new Source(new TextDecoder('utf-8', { ignoreBOM: true }).decode(text), file);
  const invalid = source.text.includes('\ufffd') ? firstInvalid(text) : undefined;
  if (invalid === undefined) return { source, diagnostics: [] };
  const diagnostic: Diagnostic = {
    severity: 'error',
    summary: 'Invalid character encoding',
    detail: 'Here are bytes that are no characters in UTF-8. Save the file in the encoding UTF-8.',
    subject: source.range(invalid, invalid + 1),
  };
  return { source, diagnostics: [diagnostic] };
}

/** The offset in the decoded text of the first bytes that are no UTF-8. */
function firstInvalid(bytes: Uint8Array): number | undefined {
  const isValid = (end: number): boolean => {
    try {
      // A character that is cut at the end is no mistake yet.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let [low, high] = [0, bytes.length];
  if (isValid(high)) {
    // Only a character cut off at the very end is left to be wrong.
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return undefined;
    } catch {
      low = high;
    }
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isValid(middle + 1)) low = middle + 1;
    else high = middle;
  }
  const before = new TextDecoder('utf-8', { ignoreBOM: true });
  return before.decode(bytes.subarray(0, low), { stream: true }).length;
}
