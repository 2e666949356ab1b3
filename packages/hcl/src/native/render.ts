import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type RenderOptions, renderWith } from '../diagnostics/render.ts';
import { Source } from '../diagnostics/source.ts';
import type { BlockNode, BodyNode } from '../syntax/nodes.ts';
import { parseBodySource } from '../syntax/parse.ts';

/**
 * Diagnostics for people: what is wrong, where, the lines with the place underlined, what the variables in it stand
 * for, and what to do. Ends with a line end; an empty list gives an empty text.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: Omit<RenderOptions, 'surroundings'> = {},
): string {
  const bodies = new Map<string, BodyNode>();
  const surroundings = (text: string, { subject }: Diagnostic): string | undefined => {
    if (!subject.file.endsWith('.hcl')) return undefined;
    const body = bodies.get(text) ?? parseBodySource(new Source(text, subject.file)).value;
    bodies.set(text, body);
    return blockAround(body, text, subject.start.offset);
  };
  return renderWith(diagnostics, { ...options, surroundings });
}

/** The header of the outermost block that a place is in. */
function blockAround(body: BodyNode, text: string, offset: number): string | undefined {
  const block = body.blocks.find(({ openBrace, end }) => openBrace < offset && offset < end);
  return block && headerOf(block, text);
}

function headerOf(block: BlockNode, text: string): string {
  return [block.type, ...block.labels.map(({ start, end }) => text.slice(start, end))].join(' ');
}
