import { headerText } from '../write/block-text.ts';
import type { EditableBody } from './editable-body.ts';
import type { Surroundings } from './surroundings.ts';

/** A block of a body, with its own body. */
export class EditableBlock {
  readonly body: EditableBody;
  /** Of use to the body around only. */
  surroundings: Surroundings;
  readonly #outer: EditableBody;
  /** From the type up to before the brace. */
  #header: string;
  #type: string;
  #labels: readonly string[];

  /** Made by `EditableBody`. */
  constructor(
    outer: EditableBody,
    body: EditableBody,
    surroundings: Surroundings,
    header: { readonly text: string; readonly type: string; readonly labels: readonly string[] },
  ) {
    this.#outer = outer;
    this.body = body;
    this.surroundings = surroundings;
    this.#header = header.text;
    this.#type = header.type;
    this.#labels = header.labels;
  }

  get type(): string {
    return this.#type;
  }

  get labels(): readonly string[] {
    return this.#labels;
  }

  /** Gives the block another type and other labels. @throws WriteError for a type that is no name */
  rename(type: string, labels: readonly string[] = this.#labels): void {
    this.#header = headerText(type, labels);
    this.#type = type;
    this.#labels = [...labels];
  }

  /** Removes the block with the comments that belong to it: on its last line, and in the lines right above. */
  remove(): void {
    this.#outer.take(this);
  }

  /** The text with everything that belongs to it. */
  toString(): string {
    const { lead, indent, trail } = this.surroundings;
    return `${lead}${indent}${this.#header}{${this.body}}${trail}`;
  }
}
