const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Color = keyof typeof codes;

/** Wraps a text in a colour, or leaves it as it is where colours are not wanted. */
export type Painter = (color: Color, text: string) => string;

export function getColors(wanted: boolean): Painter {
  if (!wanted) return (_color, text) => text;
  return (color, text) => `\x1b[${codes[color][0]}m${text}\x1b[${codes[color][1]}m`;
}
