import { graphemeSegments } from './graphemes.ts';

const plain = /^[\x20-\x7e]*$/;
/** What terminals draw two columns wide: https://unicode.org/reports/tr11/ without its neutral and ambiguous cases. */
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;
/** What moves the cursor, or turns the direction of the text around, and so would show another text than there is. */
const unsafe = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const tabWidth = 4;

/** A piece of text as a terminal shows it, tabs as spaces, and how many columns it takes. */
export interface Displayed {
  readonly text: string;
  readonly width: number;
}

/** @param column The column at which the text starts, from 0: tabs end at multiples of four. */
export function display(text: string, column: number): Displayed {
  if (plain.test(text)) return { text, width: text.length };
  let shown = '';
  let width = 0;
  for (const { segment } of graphemeSegments(text)) {
    if (segment === '\t') {
      const spaces = tabWidth - ((column + width) % tabWidth);
      shown += ' '.repeat(spaces);
      width += spaces;
    } else if (unsafe.test(segment) && !wide.test(segment)) {
      shown += '\ufffd';
      width++;
    } else {
      shown += segment;
      width += wide.test(segment) ? 2 : 1;
    }
  }
  return { text: shown, width };
}

/** Breaks lines at blanks, so that none is wider than so many characters where that is possible. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}
