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
}
