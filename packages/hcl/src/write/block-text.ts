import { format } from '../format/format.ts';
import { isIdentifier } from '../syntax/characters.ts';
import { quoteHcl } from '../values/hcl-text.ts';
import { assignedText } from './hcl-text.ts';
import { type Writable, WriteError, type WriteOptions } from './writable.ts';

export interface BodyText {
  /** By name, in this order. Those that are undefined are left out. */
  readonly attributes?: Readonly<Record<string, Writable | undefined>>;
  /** After the attributes. */
  readonly blocks?: readonly BlockText[];
}

export interface BlockText extends BodyText {
  readonly type: string;
  readonly labels?: readonly string[];
  /** Lines of comment above the block, without signs. */
  readonly comment?: string;
}

export interface BodyOptions extends WriteOptions {
  /** Whether a blank line separates a block from what is before it; true unless told. */
  readonly blankLines?: boolean;
}

/**
 * A block in the canonical style, with a line end after it.
 * @throws WriteError for a name that is no identifier, and for values as `hclText` does
 */
export function blockText(content: BlockText, options: BodyOptions = {}): string {
  return format(writtenBlock(content, 0, options));
}

/**
 * The attributes and blocks of a file or of a body, in the canonical style.
 * @throws WriteError as `blockText` does
 */
export function bodyText(content: BodyText, options: BodyOptions = {}): string {
  return format(body(content, 0, options));
}

/** The text of one attribute of a body, with a line end after it. `depth` is that of the body. */
export function attributeText(name: string, value: Writable, depth: number, options: WriteOptions): string {
  return `${nameText(name)} = ${assignedText(value, depth, options)}\n`;
}

function body(content: BodyText, depth: number, options: BodyOptions): string {
  let text = '';
  for (const [name, value] of Object.entries(content.attributes ?? {})) {
    if (value !== undefined) text += attributeText(name, value, depth, options);
  }
  for (const inner of content.blocks ?? []) {
    if (text !== '' && options.blankLines !== false) text += '\n';
    text += writtenBlock(inner, depth, options);
  }
  return text;
}

/** Like `blockText`, but only lines of heredocs are indented; `depth` counts the blocks around. */
export function writtenBlock(content: BlockText, depth: number, options: BodyOptions): string {
  const comment = content.comment?.split(/\r?\n/).map((line) => `${`# ${line}`.trimEnd()}\n`) ?? [];
  const inner = body(content, depth + 1, options);
  return `${comment.join('')}${headerText(content.type, content.labels ?? [])}{${inner === '' ? '' : `\n${inner}`}}\n`;
}

/** The type and the labels of a block, with a space after each. */
export function headerText(type: string, labels: readonly string[]): string {
  return [nameText(type), ...labels.map(quoteHcl), ''].join(' ');
}

/** @throws WriteError for what cannot be the name of an attribute or the type of a block */
export function nameText(name: string): string {
  if (!isIdentifier(name)) throw new WriteError(`${quoteHcl(name)} cannot be a name in HCL.`);
  return name;
}
