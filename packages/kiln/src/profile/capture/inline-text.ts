/** Longer texts stand in files beside the profile. */
const longest = { bytes: 4096, lines: 80 } as const;

/**
 * The text of a file that can stand in a profile and be read there by people: not long, in UTF-8, and with nothing in it
 * that would not be seen. Undefined for all others.
 */
export function inlineText(bytes: Uint8Array): string | undefined {
  if (bytes.length > longest.bytes) return undefined;
  const text = plainText(bytes);
  if (text === undefined || text.split('\n').length > longest.lines) return undefined;
  // Block texts of YAML cannot begin with a blank; blanks at the ends of lines and tabs in front are not seen.
  if (/^[ \t]/.test(text) || /[ \t]+(?:\n|$)/.test(text) || /^\n/.test(text)) return undefined;
  return text;
}

/** Bytes as text, when they are UTF-8 without control characters. */
export function plainText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
