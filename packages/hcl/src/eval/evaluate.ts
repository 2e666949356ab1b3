import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { ExpressionNode } from '../syntax/nodes.ts';
import { stringValue, type Value } from '../values/value.ts';
import { evaluateAccess, evaluateVariable } from './access.ts';
import { evaluateCall } from './call.ts';
import { evaluateObject, evaluateTuple } from './collections.ts';
import { evaluateConditional } from './conditional.ts';
import type { EvalContext } from './context.ts';
import { Evaluation, unusable } from './evaluation.ts';
import { evaluateFor } from './for.ts';
import { evaluateBinary, evaluateUnary } from './operators.ts';
import { evaluateTemplate, evaluateTemplateFor } from './template.ts';

/** Evaluates a syntax tree; what is wrong is added to the diagnostics. */
export function evaluateNode(
  source: Source,
  node: ExpressionNode,
  context: EvalContext | undefined,
  diagnostics: Diagnostic[],
): Value {
  return evaluate(node, new Evaluation(source, context, evaluate, diagnostics));
}

function evaluate(node: ExpressionNode, run: Evaluation): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'variable':
      return evaluateVariable(node, run) ?? unusable;
    case 'access':
      return evaluateAccess(node, run);
    case 'template':
      return evaluateTemplate(node, run);
    case 'call':
      return evaluateCall(node, run);
    case 'tuple':
      return evaluateTuple(node, run);
    case 'object':
      return evaluateObject(node, run);
    case 'key':
      return evaluateKey(node, run);
    case 'unwrapped':
    case 'parentheses':
      return run.value(node.expression);
    case 'binary':
      return evaluateBinary(node, run);
    case 'unary':
      return evaluateUnary(node, run);
    case 'conditional':
    case 'template-if':
      return evaluateConditional(node, run);
    case 'for':
      return evaluateFor(node, run);
    case 'template-for':
      return evaluateTemplateFor(node, run);
    case 'invalid':
      // Parsing has said what is wrong.
      return unusable;
  }
}

function evaluateKey(node: Extract<ExpressionNode, { kind: 'key' }>, run: Evaluation): Value {
  if (node.name !== undefined) return stringValue(node.name);
  run.error(
    'Ambiguous attribute key',
    'A key with dots can be read in two ways. Put it in quotes if it is a name, or in parentheses if it is a variable.',
    node,
  );
  return unusable;
}
