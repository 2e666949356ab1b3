/** What a console can do with a line that a person types. */
export interface Evaluator {
  readonly evaluate: (line: string) => Evaluated;
  /** All variables with their values, for the word `variables`. */
  readonly variables: () => string;
  /** For the word `help`. */
  readonly help: string;
}

export type Evaluated =
  | {
      readonly ok: true;
      /** The value for people. */
      readonly text: string;
      /** The value as JSON; undefined for what JSON cannot say or may not: unknown values and secrets. */
      readonly json?: string | undefined;
    }
  /** What is wrong with the line. */
  | { readonly ok: false; readonly problem: string };
