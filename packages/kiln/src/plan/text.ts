/**
 * A text of the plan: plain, or one with holes that only the running build can fill (an address, a generated
 * password, the path of an uploaded script).
 */
export type Text = string | TextTemplate;

export interface TextTemplate {
  readonly kind: 'template';
  /** Go text/template source, rendered by the room `text/`. */
  readonly source: string;
  /** Values of the user variables that the source names with `{{ user "x" }}`. */
  readonly user?: Readonly<Record<string, string>>;
  /** What `{{ template_dir }}` says, when the source asks for it and it is not the plan's own folder. */
  readonly templateFolder?: string;
  /** What `{{ expression 0 }}`, `{{ expression 1 }}` … in the source stand for. */
  readonly expressions?: readonly LateExpression[];
}

/**
 * A part of a text that HCL2 functions make of values that only the running build knows, such as
 * `upper(build.Host)`. What it gives is a Go template itself.
 */
export interface LateExpression {
  /** The expression in HCL2's native syntax or, with `syntax: 'json'`, a JSON value with templates in it. */
  readonly source: string;
  readonly syntax?: 'json';
  /** The names that it refers to beside `build`, with values in the notation of `text/value-notation.ts`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Folder that its functions read files from. */
  readonly folder?: string;
  /** Which part of what the expression gives is meant: attributes' names and lists' indices. */
  readonly path?: readonly (string | number)[];
  /** What the value begins with and which is no part of the text. */
  readonly without?: string;
}
