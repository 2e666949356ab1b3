import type { Read } from '../body.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { Source } from '../diagnostics/source.ts';
import { format } from '../format/format.ts';
import { parseBodySource } from '../syntax/parse.ts';
import { EditableBody } from './editable-body.ts';

/**
 * A file in the native syntax, to change parts of it and keep all the rest as it is, comments and layout too.
 * Undefined when the text has mistakes, which the diagnostics tell. `file` is its name in messages.
 */
export function editConfig(text: string, file: string): Read<EditableConfig | undefined> {
  const { value: node, diagnostics } = parseBodySource(new Source(text, file));
  return { value: hasErrors(diagnostics) ? undefined : new EditableConfig(text, node), diagnostics };
}

export class EditableConfig {
  readonly body: EditableBody;
  readonly #wasFormatted: boolean;

  /** Use `editConfig`. */
  constructor(text: string, node: ConstructorParameters<typeof EditableBody>[1]) {
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
    this.body = new EditableBody(text, { ...node, start: 0 }, { lineEnd });
    this.#wasFormatted = format(text) === text;
  }

  /** The text as it is now. Where it was in the canonical style before, it is so again. */
  text(): string {
    const text = this.body.toString();
    return this.#wasFormatted ? format(text) : text;
  }
}
