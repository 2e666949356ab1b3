import { Source } from '../diagnostics/source.ts';
import { format } from '../format/format.ts';
import type { BodyNode } from '../syntax/nodes.ts';
import { parseBodySource } from '../syntax/parse.ts';
import { attributeText, type BlockText, type BodyOptions, writtenBlock } from '../write/block-text.ts';
import type { Writable, WriteOptions } from '../write/writable.ts';
import { EditableAttribute } from './editable-attribute.ts';
import { EditableBlock } from './editable-block.ts';
import { depthOf, heredocsFor, type Style, suited } from './new-text.ts';
import { type Item, type Piece, readPieces } from './read-pieces.ts';
import { blanksOf } from './surroundings.ts';

/** The arguments and blocks of a file or of a block, with all that is between them. */
export class EditableBody {
  readonly #style: Style;
  /** The indentation of the block that this is the body of; undefined for that of a file. */
  readonly #outerIndent: string | undefined;
  /** Items, and text that belongs to none. */
  #pieces: Piece[];
  /** What is before the closing brace on its line. */
  #closing: string;

  /** Use `editConfig`. The text is that between the braces. */
  constructor(text: string, node: BodyNode, style: Style, outerIndent?: string) {
    this.#style = style;
    this.#outerIndent = outerIndent;
    const { pieces, closing } = readPieces(this, text, node, style, outerIndent);
    this.#pieces = pieces;
    this.#closing = closing;
  }

  get attributes(): readonly EditableAttribute[] {
    return this.#pieces.filter((piece) => piece instanceof EditableAttribute);
  }

  get blocks(): readonly EditableBlock[] {
    return this.#pieces.filter((piece) => piece instanceof EditableBlock);
  }

  attribute(name: string): EditableAttribute | undefined {
    return this.attributes.find((attribute) => attribute.name === name);
  }

  /** The blocks of a type whose first labels are those given. */
  blocksOf(type: string, ...labels: readonly string[]): readonly EditableBlock[] {
    return this.blocks.filter((block) => {
      return block.type === type && labels.every((label, index) => block.labels[index] === label);
    });
  }

  /**
   * Sets an argument. A new one comes after the last, or before the first block.
   * @throws WriteError for what cannot be written, and for what is no name
   */
  set(name: string, value: Writable, options: WriteOptions = {}): EditableAttribute {
    const existing = this.attribute(name);
    if (existing) {
      existing.set(value, options);
      return existing;
    }
    const indent = this.#indent();
    const text = format(attributeText(name, value, depthOf(indent), heredocsFor(this.#style, options)));
    this.spreadOut();
    const last = this.#pieces.findLastIndex((piece) => piece instanceof EditableAttribute);
    const at = last !== -1 ? last + 1 : typeof this.#pieces[0] === 'string' ? 1 : 0;
    this.#insert(at, suited(text, indent, this.#style));
    const next = this.#pieces[at + 1];
    if (last === -1 && next instanceof EditableBlock) this.#pieces.splice(at + 1, 0, this.#style.lineEnd);
    return this.attribute(name)!;
  }

  /**
   * Adds a block at the end, after a blank line.
   * @throws WriteError for what cannot be written
   */
  append(block: BlockText, options: BodyOptions = {}): EditableBlock {
    const indent = this.#indent();
    const text = format(writtenBlock(block, depthOf(indent), heredocsFor(this.#style, options)));
    this.spreadOut();
    const before = this.#textBefore(this.#pieces.length);
    if (/\S/.test(before) && !endsBlank(before)) {
      this.#endLine(this.#pieces.length);
      this.#pieces.push(this.#style.lineEnd);
    }
    this.#insert(this.#pieces.length, suited(text, indent, this.#style));
    return this.blocks.at(-1)!;
  }

  toString(): string {
    return this.#pieces.join('') + this.#closing;
  }

  /** Takes an item out. When that would leave two blank lines, or one at an end of the body, one goes with it. */
  take(item: Item): void {
    const at = this.#pieces.indexOf(item);
    if (at === -1) return;
    this.#pieces.splice(at, 1);
    const before = this.#textBefore(at);
    const next = this.#pieces[at];
    const isAtStart = this.#outerIndent === undefined ? before === '' : /^[^\n]*\n$/.test(before);
    if (typeof next === 'string' && (isAtStart || endsBlank(before))) {
      this.#pieces[at] = next.replace(/^[ \t]*\r?\n/, '');
    } else if (next === undefined && endsBlank(before)) {
      const last = this.#pieces[at - 1];
      if (typeof last === 'string') this.#pieces[at - 1] = last.replace(/[ \t]*\r?\n$/, '');
    }
  }

  /** Makes a body that is on one line with its braces one of several lines. */
  spreadOut(): void {
    const first = this.#pieces[0];
    if (this.#outerIndent === undefined || (typeof first === 'string' && first.includes('\n'))) return;
    const indent = this.#indent();
    const { lineEnd } = this.#style;
    const items = this.#pieces.filter((piece) => typeof piece !== 'string');
    for (const item of items) {
      const { surroundings } = item;
      item.surroundings = {
        lead: '',
        indent: indent + surroundings.indent.trimStart(),
        trail: surroundings.trail.trimEnd() === '' ? lineEnd : ` ${surroundings.trail.trim()}${lineEnd}`,
      };
    }
    const text = this.#pieces.filter((piece) => typeof piece === 'string').join('') + this.#closing;
    this.#pieces = [text.trim() === '' ? lineEnd : ` ${text.trim()}${lineEnd}`, ...items];
    this.#closing = this.#outerIndent;
  }

  /** The indentation of items: that of the first, or one level more than that of the block. */
  #indent(): string {
    if (this.#outerIndent === undefined) return '';
    const first = this.#pieces[0];
    const item = this.#pieces.find((piece) => typeof piece !== 'string');
    const isSpread = typeof first === 'string' && first.includes('\n');
    return item && isSpread ? blanksOf(item.surroundings) : `${this.#outerIndent}  `;
  }

  #textBefore(at: number): string {
    return this.#pieces.slice(0, at).join('');
  }

  /** Gives what is before a place a line end if it lacks one, as the last line of a file may. */
  #endLine(at: number): void {
    const before = this.#textBefore(at);
    const piece = this.#pieces[at - 1];
    if (piece === undefined || before === '' || before.endsWith('\n')) return;
    if (typeof piece === 'string') {
      this.#pieces[at - 1] = piece + this.#style.lineEnd;
    } else {
      const { surroundings } = piece;
      piece.surroundings = { ...surroundings, trail: surroundings.trail + this.#style.lineEnd };
    }
  }

  /** Puts items in, on lines of their own. */
  #insert(at: number, text: string): void {
    this.#endLine(at);
    const { value: node } = parseBodySource(new Source(text, ''));
    this.#pieces.splice(at, 0, ...readPieces(this, text, node, this.#style, undefined).pieces);
  }
}

function endsBlank(text: string): boolean {
  return /(?:^|\n)[ \t]*\r?\n$/.test(text);
}
