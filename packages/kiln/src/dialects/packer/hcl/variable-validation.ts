import {
  type Block,
  boolType,
  type EvalContext,
  type Expression,
  objectValue,
  stringType,
  type Traversal,
} from '@kiln/hcl';
import type { Problems } from '../problems.ts';
import { placeOf, placeText, report } from './diagnostics.ts';
import { evaluateAs, plainBoolean, plainText } from './evaluate.ts';
import type { AssignedValue } from './variable-blocks.ts';

/** A rule that the value of a variable must keep. */
export interface Validation {
  readonly condition: Expression | undefined;
  /** Whole sentences by the template's author. */
  readonly message: string;
  /** Where the rule stands. */
  readonly place: string;
}

const schema = {
  attributes: [
    { name: 'condition', required: true },
    { name: 'error_message', required: true },
  ],
} as const;

/** The block `validation` of a variable. */
export function readValidation(variable: string, block: Block, problems: Problems): Validation {
  const { value: content, diagnostics } = block.body.content(schema);
  report(problems, diagnostics);
  const condition = content.attributes.get('condition')?.expression;
  const message = content.attributes.get('error_message')?.expression;
  return {
    condition: condition && refersToItself(condition, variable, problems) ? condition : undefined,
    message: message ? readMessage(message, problems) : '',
    place: placeText(block.headerRange),
  };
}

function refersToItself(condition: Expression, variable: string, problems: Problems): boolean {
  const references = condition.variables();
  const others = references.filter((one) => !isVariable(one, variable));
  for (const { range } of others) {
    problems.error(placeOf(range), `the condition may refer to var.${variable} only`);
  }
  if (references.length === 0) {
    problems.error(placeOf(condition.range), `the condition must refer to var.${variable}`);
  }
  return references.length > 0 && others.length === 0;
}

function isVariable({ root, steps }: Traversal, name: string): boolean {
  const first = steps[0];
  return root === 'var' && first?.kind === 'attribute' && first.name === name;
}

function readMessage(expression: Expression, problems: Problems): string {
  const value = evaluateAs(expression, stringType, undefined, problems, '"error_message"');
  const text = plainText(value)?.trim();
  if (text === undefined) return '';
  // Scripts without capitals may begin with any letter.
  const isSentence = !/^\p{Ll}/u.test(text) && /[.?!]$/.test(text);
  if (!isSentence) {
    problems.error(
      placeOf(expression.range),
      '"error_message" must be a whole sentence',
      'begin it with a capital letter and end it with a full stop or question mark',
    );
  }
  return text;
}

/** Says so when the value of a variable does not keep a rule. */
export function validate(
  variable: string,
  { value, at }: AssignedValue,
  { condition, message, place }: Validation,
  functions: EvalContext,
  problems: Problems,
): void {
  if (!condition) return;
  const context: EvalContext = {
    variables: new Map([['var', objectValue([[variable, value]])]]),
    parent: functions,
  };
  const result = evaluateAs(condition, boolType, context, problems, 'the condition');
  if (result?.kind === 'null') {
    problems.error(placeOf(condition.range), 'the condition must be true or false, and is null');
  }
  if (plainBoolean(result) !== false) return;
  problems.error(
    at,
    `the value of the variable "${variable}" is not allowed: ${message}`,
    `the rule is at ${place}`,
  );
}
