import type { AttributeNode, BlockNode, BodyNode } from '../syntax/nodes.ts';
import { EditableAttribute } from './editable-attribute.ts';
import { EditableBlock } from './editable-block.ts';
import { EditableBody } from './editable-body.ts';
import type { Style } from './new-text.ts';
import { blanksOf, type Surroundings, splitBefore, trailOf } from './surroundings.ts';

export type Item = EditableAttribute | EditableBlock;

/** An item, or text that belongs to none. */
export type Piece = Item | string;

/**
 * The pieces of a body's text, and what is before the closing brace on its line. The text is that of a file, or that
 * between the braces of a block, whose indentation is then given.
 */
export function readPieces(
  owner: EditableBody,
  text: string,
  node: BodyNode,
  style: Style,
  outerIndent: string | undefined,
): { pieces: Piece[]; closing: string } {
  const isFile = outerIndent === undefined;
  const pieces: Piece[] = [];
  const items = [...node.attributes.values(), ...node.blocks].sort((a, b) => a.start - b.start);
  let end = 0;
  items.forEach((item, index) => {
    const start = item.start - node.start;
    const isAtLineStart = end > 0 ? text[end - 1] === '\n' : isFile;
    const { rest, lead, indent } = splitBefore(text.slice(end, start), isAtLineStart);
    if (rest !== '') pieces.push(rest);
    const itemEnd = item.end - node.start;
    const next = items[index + 1];
    const trail = trailOf(text.slice(itemEnd, next ? next.start - node.start : text.length));
    const surroundings = { lead, indent, trail };
    const itemText = text.slice(start, itemEnd);
    if (item.kind === 'attribute') pieces.push(readAttribute(owner, item, itemText, surroundings, style));
    else pieces.push(readBlock(owner, item, itemText, surroundings, style));
    end = itemEnd + trail.length;
  });
  const rest = text.slice(end);
  const closing = isFile ? rest.length : rest.lastIndexOf('\n') + 1;
  if (closing > 0) pieces.push(rest.slice(0, closing));
  return { pieces, closing: rest.slice(closing) };
}

function readAttribute(
  owner: EditableBody,
  node: AttributeNode,
  text: string,
  surroundings: Surroundings,
  style: Style,
): EditableAttribute {
  const valueStart = node.expression.start - node.start;
  return new EditableAttribute(owner, style, surroundings, {
    name: node.name,
    sign: text.slice(node.name.length, valueStart),
    value: text.slice(valueStart),
  });
}

function readBlock(
  owner: EditableBody,
  node: BlockNode,
  text: string,
  surroundings: Surroundings,
  style: Style,
): EditableBlock {
  const brace = node.openBrace - node.start;
  const innerText = text.slice(brace + 1, node.closeBrace - node.start);
  const inner = { ...node.body, start: node.openBrace + 1 };
  const body = new EditableBody(innerText, inner, style, blanksOf(surroundings));
  return new EditableBlock(owner, body, surroundings, {
    text: text.slice(0, brace),
    type: node.type,
    labels: node.labels.map(({ value }) => value),
  });
}
