import type { Read } from '../body.ts';
import { type SourceText, sourceOf } from '../diagnostics/decode.ts';
import { JsonBody } from './body.ts';
import { JsonExpression } from './expression.ts';
import { parseJson } from './parser.ts';

/**
 * Parses a file in the JSON syntax: https://github.com/hashicorp/hcl/blob/main/json/spec.md The body is as complete as
 * the mistakes allow. `file` is its name in messages.
 */
export function parseJsonConfig(text: SourceText, file: string): Read<JsonBody> {
  const { source, diagnostics } = sourceOf(text, file);
  const { value: node, diagnostics: mistakes } = parseJson(source);
  const all = [...diagnostics, ...mistakes];
  if (node.kind !== 'object' && node.kind !== 'array' && node.kind !== 'invalid') {
    all.push({
      severity: 'error',
      summary: 'Root value must be object',
      detail: 'A configuration in JSON is an object, or a list of objects.',
      subject: source.range(node.start, node.end),
    });
    return {
      value: new JsonBody(source, { kind: 'invalid', start: node.start, end: node.end }),
      diagnostics: all,
    };
  }
  return { value: new JsonBody(source, node), diagnostics: all };
}

/** Parses a JSON text as a single expression. */
export function parseJsonExpression(text: SourceText, file: string): Read<JsonExpression> {
  const { source, diagnostics } = sourceOf(text, file);
  const { value, diagnostics: mistakes } = parseJson(source);
  return { value: new JsonExpression(source, value), diagnostics: [...diagnostics, ...mistakes] };
}
