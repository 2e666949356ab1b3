import { nameText } from '../write/block-text.ts';
import { type Writable, WriteError, type WriteOptions } from '../write/writable.ts';
import type { EditableBody } from './editable-body.ts';
import { newValue, type Style } from './new-text.ts';
import { blanksOf, type Surroundings } from './surroundings.ts';

/** An argument of a body, such as `name = value`. */
export class EditableAttribute {
  /** Of use to the body only. */
  surroundings: Surroundings;
  readonly #body: EditableBody;
  readonly #style: Style;
  #name: string;
  /** The `=` and the white space around it. */
  readonly #sign: string;
  #valueText: string;

  /** Made by `EditableBody`. */
  constructor(
    body: EditableBody,
    style: Style,
    surroundings: Surroundings,
    text: { readonly name: string; readonly sign: string; readonly value: string },
  ) {
    this.#body = body;
    this.#style = style;
    this.surroundings = surroundings;
    this.#name = text.name;
    this.#sign = text.sign;
    this.#valueText = text.value;
  }

  get name(): string {
    return this.#name;
  }

  /** The expression as it is written; `parseExpression` reads it. */
  get valueText(): string {
    return this.#valueText;
  }

  /**
   * Replaces the value. Comments around the argument stay, those within the old value go.
   * @throws WriteError for what cannot be written
   */
  set(value: Writable, options: WriteOptions = {}): void {
    // The end of a heredoc is alone on its line.
    const isLast = this.surroundings.trail.trim() === '';
    const write = () => {
      const heredocs = options.heredocs && isLast;
      return newValue(value, blanksOf(this.surroundings), this.#style, { ...options, heredocs });
    };
    if (write().includes('\n')) this.#body.spreadOut();
    this.#valueText = write();
    if (this.#valueText.startsWith('<<')) {
      this.surroundings = { ...this.surroundings, trail: this.#style.lineEnd };
    }
  }

  /** @throws WriteError for what is no name, and for a name that the body has already */
  rename(name: string): void {
    if (name === this.#name) return;
    if (this.#body.attribute(name)) throw new WriteError(`The argument "${name}" is set already.`);
    this.#name = nameText(name);
  }

  /** Removes the argument with the comments that belong to it: on its line, and in the lines right above. */
  remove(): void {
    this.#body.take(this);
  }

  /** The text with everything that belongs to it. */
  toString(): string {
    const { lead, indent, trail } = this.surroundings;
    return `${lead}${indent}${this.#name}${this.#sign}${this.#valueText}${trail}`;
  }
}
