import type { Read, Traversal } from '../body.ts';
import { type SourceText, sourceOf } from '../diagnostics/decode.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { parseBodySource, parseExpressionSource, parseTemplateSource } from '../syntax/parse.ts';
import { scan } from '../syntax/scanner.ts';
import type { Token } from '../syntax/token.ts';
import { NativeBody } from './body.ts';
import { NativeExpression } from './expression.ts';

/**
 * Parses a file in the native syntax: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md The body is as
 * complete as the mistakes allow. `file` is its name in messages.
 */
export function parseConfig(text: SourceText, file: string): Read<NativeBody> {
  const { source, diagnostics } = sourceOf(text, file);
  const parsed = parseBodySource(source);
  return {
    value: new NativeBody(source, parsed.value),
    diagnostics: [...diagnostics, ...parsed.diagnostics],
  };
}

/** Parses a text that is a single expression. */
export function parseExpression(text: SourceText, file: string): Read<NativeExpression> {
  const { source, diagnostics } = sourceOf(text, file);
  const parsed = parseExpressionSource(source);
  return {
    value: new NativeExpression(source, parsed.value),
    diagnostics: [...diagnostics, ...parsed.diagnostics],
  };
}

/** Parses a text that is a template as a whole, as the content of a template file is. */
export function parseTemplate(text: SourceText, file: string): Read<NativeExpression> {
  const { source, diagnostics } = sourceOf(text, file);
  const parsed = parseTemplateSource(source);
  return {
    value: new NativeExpression(source, parsed.value),
    diagnostics: [...diagnostics, ...parsed.diagnostics],
  };
}

/** Parses a fixed path such as `source.qemu.base` or `local.names[0]`; undefined when the text is something else. */
export function parseTraversal(text: SourceText, file: string): Read<Traversal | undefined> {
  const { value: expression, diagnostics } = parseExpression(text, file);
  const value = hasErrors(diagnostics) ? undefined : expression.asTraversal();
  if (value || hasErrors(diagnostics)) return { value, diagnostics };
  return {
    value,
    diagnostics: [
      ...diagnostics,
      {
        severity: 'error',
        summary: 'Invalid reference',
        detail:
          'A name is expected here, with attributes such as ".name" and indices such as "[0]" after it, and nothing else.',
        subject: expression.range,
      },
    ],
  };
}

/** All tokens of a text, white space and comments with them: their texts, one after the other, are the text. */
export function tokens(
  text: SourceText,
  file: string,
  start: 'expression' | 'template' = 'expression',
): readonly Token[] {
  const table = scan(sourceOf(text, file).source, start);
  return Array.from({ length: table.length - 1 }, (_, index) => table.token(index));
}
