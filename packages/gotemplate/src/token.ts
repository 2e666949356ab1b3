/** The parts that a template's source is made of. */
export type Token =
  | { readonly kind: 'text'; readonly offset: number; readonly text: string }
  | {
      readonly kind:
        | 'open'
        | 'close'
        | 'space'
        | 'pipe'
        | 'declare'
        | 'assign'
        | 'left-paren'
        | 'right-paren'
        | 'comma'
        | 'dot'
        | 'end-of-source';
      readonly offset: number;
    }
  | {
      /** `field` without its dot; `variable` with its dollar; `string` unquoted; the others as written. */
      readonly kind: 'keyword' | 'identifier' | 'field' | 'variable' | 'number' | 'string' | 'rune';
      readonly offset: number;
      readonly text: string;
    };

export type TokenKind = Token['kind'];

export const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'true',
  'false',
  'with',
]);
