/**
 * Makes a function that replaces every secret in a text. Whole values and each line of a multi-line value
 * are replaced; longer secrets first, so that one secret inside another leaves no rest. Empty values and
 * single characters are no secrets: replacing them would only destroy the text.
 */
export function redactor(secrets: Iterable<string>, replacement = '<sensitive>'): (text: string) => string {
  const needles = new Set<string>();
  for (const secret of secrets) {
    for (const piece of [secret, ...secret.split(/\r?\n/)]) {
      if (piece.trim().length > 1) needles.add(piece);
    }
  }
  const ordered = [...needles].sort((a, b) => b.length - a.length);
  if (ordered.length === 0) return (text) => text;
  return (text) => ordered.reduce((result, needle) => result.replaceAll(needle, replacement), text);
}
