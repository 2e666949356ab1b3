import { isIdentifier } from '../syntax/characters.ts';

/**
 * A text as a heredoc whose lines stand at an indentation; undefined when the text cannot be one without change:
 * one that does not end with a line end, has fewer than two lines or control characters.
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
 */
export function heredoc(text: string, indent: string): string | undefined {
  if (
    !/\n[\s\S]*\n$/.test(text) ||
    !text.isWellFormed() ||
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/.test(text)
  ) {
    return undefined;
  }
  const lines = text
    .replace(/[$%]\{/g, (start) => start[0] + start)
    .slice(0, -1)
    .split('\n');
  const marker = freeMarker(lines);
  // The indentation that reading takes away is that of the least indented line; lines of blanks do not count.
  const indentable = lines.some((line) => /^\S/.test(line));
  if (!indentable) return `<<${marker}\n${lines.join('\n')}\n${marker}`;
  const indented = lines.map((line) => (line.trim() === '' ? line : `${indent}  ${line}`));
  return `<<-${marker}\n${indented.join('\n')}\n${indent}${marker}`;
}

/** A word that is no line of the text. */
function freeMarker(lines: readonly string[]): string {
  const words = new Set(lines.map((line) => line.trim()).filter(isIdentifier));
  let marker = 'EOT';
  for (let count = 2; words.has(marker); count++) marker = `EOT${count}`;
  return marker;
}
