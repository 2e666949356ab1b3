import { quoteHcl } from '../values/hcl-text.ts';

/** An expression that is written as it stands; made by `hclCode` and `hclTemplate`. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The expression with this text, such as `var.region`. Nothing checks that it is one. */
export function hclCode(text: string): Code {
  return new Code(text);
}

/** A template in quotes, such as `"http://${var.host}/"` of `['http://', hclCode('var.host'), '/']`. */
export function hclTemplate(parts: readonly (string | Code)[]): Code {
  const texts = parts.map((part, index) => {
    if (part instanceof Code) return `\${${part.text}}`;
    const quoted = quoteHcl(part).slice(1, -1);
    // A `$` before an interpolation would make of both the text `${`.
    return quoted.endsWith('$') && parts[index + 1] instanceof Code
      ? `${quoted.slice(0, -1)}\${"$"}`
      : quoted;
  });
  return new Code(`"${texts.join('')}"`);
}
