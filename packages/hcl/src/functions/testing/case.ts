/**
 * An expression and what it evaluates to, as a type expression and JSON; that it is an error; or that it is, or holds
 * something, unknown, and of which type. The results are those that go-cty 1.13.3, go-cty-funcs and go-cty-yaml 1.0.1
 * give, which Packer uses.
 */
export type Case =
  | readonly [expression: string, type: string, json: string]
  | readonly [expression: string, outcome: 'unknown', type: string]
  | readonly [expression: string, outcome: 'error'];
