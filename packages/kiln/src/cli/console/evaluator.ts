/** What a console can do with a line that a person types. */
export interface Evaluator {
  readonly evaluate: (line: string) => Evaluated;
  /** All variables with their values, for the word `variables`. */
  readonly variables: () => string;
  /** For the word `help`. */
  readonly help: string;
}

/** The value as a text, or what is wrong with the line. */
export type Evaluated =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };
