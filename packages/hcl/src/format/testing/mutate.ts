import type { Random } from '../../testing/random.ts';

const pieces = [
  ...['{', '}', '[', ']', '(', ')', '"', '${', '%{', '~}', '}', '${~', '<<EOT\n', '<<-X\n', 'EOT', '\nEOT\n'],
  ...[
    '=',
    '==',
    '!',
    '.',
    '..',
    '...',
    ':',
    '::',
    '?',
    '-',
    '&',
    '|',
    '~',
    '^',
    '$',
    '%',
    "'",
    '`',
    ';',
    '\\',
  ],
  ...[
    '#',
    '//',
    '/*',
    '*/',
    '\n',
    '\r\n',
    '\r',
    '\t',
    ' ',
    '   ',
    '\ufeff',
    '\u00a0',
    '\ud800',
    '0',
    '1e',
    'é',
  ],
];

/** The text with a few random changes that mostly leave it broken. */
export function mutated(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(result.length + 1);
    const until = Math.min(result.length, at + random.below(12));
    switch (random.below(4)) {
      case 0:
        result = result.slice(0, at) + result.slice(until);
        break;
      case 1:
        result = result.slice(0, at) + result.slice(at, until).repeat(2) + result.slice(until);
        break;
      case 2:
        result = result.slice(0, at);
        break;
      default:
        result = result.slice(0, at) + random.pick(pieces) + result.slice(at);
    }
  }
  return result;
}
