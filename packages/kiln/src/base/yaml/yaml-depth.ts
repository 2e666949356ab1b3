import { CST, Lexer } from 'yaml';

/**
 * Where a text is nested more than `limit` levels deep: the offset of the first character that is too deep, undefined
 * when there is none. Only counts: the parser itself would exhaust the stack, or take long, on such a text.
 */
export function tooDeep(text: string, limit: number): number | undefined {
  const indents: number[] = [];
  let flow = 0;
  /** Collections that were begun in this line, as by `- - -`, or since the last comma. */
  let inLine = 0;
  let atLineStart = true;
  let indent = 0;
  let offset = 0;
  let isScalar = false;
  for (const source of new Lexer().lex(text)) {
    const type = isScalar ? 'scalar' : CST.tokenType(source);
    // This mark has no place in the text; what follows it is the scalar.
    if (type === 'scalar' && !isScalar) {
      isScalar = true;
      continue;
    }
    isScalar = false;
    if (type === 'doc-mode' || type === 'flow-error-end') continue;
    if (type === 'newline') {
      atLineStart = true;
      indent = 0;
      inLine = 0;
    } else if (type === 'space') {
      if (atLineStart) indent += source.length;
    } else {
      if (atLineStart && flow === 0) {
        while (indents.length > 0 && indents.at(-1)! >= indent) indents.pop();
        indents.push(indent);
      }
      atLineStart = false;
      if (type === 'flow-map-start' || type === 'flow-seq-start') flow++;
      else if (type === 'flow-map-end' || type === 'flow-seq-end') flow = Math.max(0, flow - 1);
      if (type !== null && startsCollection.has(type)) inLine++;
      else if (type === 'comma' || type?.startsWith('flow-')) inLine = 0;
      if (indents.length + flow + inLine > limit) return offset;
    }
    offset += source.length;
  }
  return undefined;
}

const startsCollection: ReadonlySet<string> = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind']);
