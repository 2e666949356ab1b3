import { suggestName } from '../diagnostics/suggestion.ts';
import { callFunction } from '../functions/call-function.ts';
import { closureValue, typeConstraintValue } from '../functions/closure.ts';
import { FunctionError, type HclFunction, type Parameter } from '../functions/function.ts';
import type { CallNode, ExpressionNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { marksDeep } from '../values/deep-marks.ts';
import { elementsOf } from '../values/elements.ts';
import { tupleValue, type Value, withMarks } from '../values/value.ts';
import { type Evaluation, unusable } from './evaluation.ts';
import { functionNames, lookUpFunction } from './look-up.ts';
import { readType } from './type-reader.ts';

/** An argument: a node, or one element of the list before `...`. */
interface Argument {
  readonly node: ExpressionNode;
  readonly value: Value | undefined;
}

/** https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#functions-and-function-calls */
export function evaluateCall(node: CallNode, run: Evaluation): Value {
  const fn = lookUpFunction(run.context, node.name);
  if (!fn) {
    failAtName(node, run);
    return unusable;
  }
  const args = argumentsOf(node, run);
  if (!args || !hasRightCount(node, fn, args, run)) return unusable;
  const told = run.diagnostics.length;
  const values = args.map((arg, index) => argumentValue(node, fn, parameterOf(fn, index), arg, run));
  if (run.diagnostics.length > told || values.includes(undefined)) return unusable;
  try {
    return callFunction(fn, values as Value[]);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    failInside(node, fn, args, error, run);
    return withMarks(unusable, marksDeep(tupleValue(values as Value[])));
  }
}

function parameterOf(fn: HclFunction, index: number): Parameter {
  return fn.parameters[index] ?? fn.rest!;
}

function nameSpan(node: CallNode): { start: number; end: number } {
  return { start: node.start, end: node.nameEnd };
}

function failAtName(node: CallNode, run: Evaluation): void {
  const names = functionNames(run.context);
  if (!names) {
    run.error('Function calls not allowed', 'Only fixed values can be used here, no functions.', node);
    return;
  }
  const split = node.name.lastIndexOf('::');
  const space = split === -1 ? '' : node.name.slice(0, split + 2);
  if (space !== '' && !names.some((name) => name.startsWith(space))) {
    run.error(
      'Call to unknown function',
      `There are no functions whose names start with "${space}".`,
      nameSpan(node),
      {
        context: node,
      },
    );
    return;
  }
  const suggestion = suggestName(node.name, names);
  run.error('Call to unknown function', `There is no function named "${node.name}".`, nameSpan(node), {
    context: node,
    suggestion,
  });
}

/** The arguments, the last one taken apart when it is followed by `...`; undefined when they cannot be known. */
function argumentsOf(node: CallNode, run: Evaluation): readonly Argument[] | undefined {
  const args = node.arguments.map((argument): Argument => ({ node: argument, value: undefined }));
  if (!node.expands) return args;
  const last = args.pop()!;
  const told = run.diagnostics.length;
  const list = run.value(last.node);
  if (run.diagnostics.length > told) return undefined;
  const problem = problemOfList(list);
  if (problem) {
    run.error('Invalid expanding argument value', problem, last.node, { context: node, about: last.node });
    return undefined;
  }
  const elements = elementsOf(list);
  if (!elements) return undefined;
  const taken = elements.map(
    ({ value }): Argument => ({ node: last.node, value: withMarks(value, list.marks) }),
  );
  return [...args, ...taken];
}

function problemOfList(list: Value): string | undefined {
  if (list.kind === 'null') return 'The argument before "..." must not be null.';
  if (['dynamic', 'tuple', 'list', 'set'].includes(list.type.kind)) return undefined;
  return 'The argument before "..." must be a list or a set.';
}

function hasRightCount(node: CallNode, fn: HclFunction, args: readonly Argument[], run: Evaluation): boolean {
  const wanted = fn.parameters.length;
  if (args.length < wanted) {
    const missing = fn.parameters[args.length]!.name;
    run.error(
      'Not enough function arguments',
      `${signature(fn)} takes ${fn.rest ? 'at least ' : ''}${count(wanted)}. The argument "${missing}" is missing.`,
      { start: node.closeParenthesis, end: node.end },
      { context: node },
    );
    return false;
  }
  if (args.length > wanted && !fn.rest) {
    const extra = args[wanted]!.node;
    const summary = 'Too many function arguments';
    run.error(summary, `${signature(fn)} takes only ${count(wanted)}.`, extra, { context: node });
    return false;
  }
  return true;
}

function signature(fn: HclFunction): string {
  const names = fn.parameters.map(({ name }) => name);
  if (fn.rest) names.push(`${fn.rest.name}...`);
  return `${fn.name}(${names.join(', ')})`;
}

function count(wanted: number): string {
  return wanted === 0 ? 'no arguments' : wanted === 1 ? '1 argument' : `${wanted} arguments`;
}

function argumentValue(
  node: CallNode,
  fn: HclFunction,
  parameter: Parameter,
  arg: Argument,
  run: Evaluation,
): Value | undefined {
  if (parameter.reads === 'expression') return closureOf(arg, run);
  if (parameter.reads === 'type') {
    const { type } = readType(run.source, arg.node, run.diagnostics);
    return typeConstraintValue(type);
  }
  const told = run.diagnostics.length;
  const value = arg.value ?? run.value(arg.node);
  if (run.diagnostics.length > told) return undefined;
  try {
    return convert(value, parameter.type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    run.error('Invalid function argument', `${argumentName(fn, parameter)}: ${error.message}.`, arg.node, {
      context: node,
      about: arg.node,
    });
    return undefined;
  }
}

function closureOf(arg: Argument, run: Evaluation): Value {
  const { node, value } = arg;
  if (value) return closureValue({ evaluate: () => ({ value, diagnostics: [] }) });
  return closureValue({
    evaluate() {
      const aside = run.aside();
      return { value: aside.value(node), diagnostics: aside.diagnostics };
    },
  });
}

function failInside(
  node: CallNode,
  fn: HclFunction,
  args: readonly Argument[],
  error: FunctionError,
  run: Evaluation,
): void {
  const arg = error.argument === undefined ? undefined : args[error.argument];
  if (arg) {
    const parameter = parameterOf(fn, error.argument!);
    run.error(
      'Invalid function argument',
      `${argumentName(fn, parameter)}: ${sentence(error.message)}`,
      arg.node,
      {
        context: node,
        about: arg.node,
      },
    );
  } else {
    run.error(
      'Error in function call',
      `The call of ${node.name} failed: ${sentence(error.message)}`,
      nameSpan(node),
      {
        context: node,
        about: node,
      },
    );
  }
}

function argumentName(fn: HclFunction, parameter: Parameter): string {
  return `The argument "${parameter.name}" of ${fn.name} is not suitable`;
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
