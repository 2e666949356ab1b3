import { ConversionError, convert } from '../values/convert.ts';
import { containsMark, unmarkedDeep } from '../values/deep-marks.ts';
import { dynamicType, type Type } from '../values/type.ts';
import { type Mark, sensitiveMark, unknownValue, type Value, withMarks } from '../values/value.ts';
import { FunctionError, type HclFunction, type Parameter } from './function.ts';

/**
 * Calls a function with evaluated arguments, by the rules that its parameters state (see `Parameter`): the number of
 * arguments, conversion to the parameters' types, nulls, unknown values, marks.
 *
 * A parameter that `reads` an expression or a type must be given a `closureValue` or `typeConstraintValue`
 * (closure.ts).
 *
 * @throws FunctionError The arguments are refused; `argument` says which one, if it is one. The message never shows
 * anything of a sensitive argument.
 */
export function callFunction(fn: HclFunction, args: readonly Value[]): Value {
  checkCount(fn, args.length);
  const marks: ReadonlySet<Mark>[] = [];
  let typeKnown = true;
  let known = true;

  const given = args.map((arg, index) => {
    const parameter = fn.parameters[index] ?? fn.rest!;
    const value = withoutMarks(converted(arg, parameter, index), parameter, marks);
    if (value.kind === 'null' && !parameter.allowNull) {
      throw new FunctionError('The argument must not be null.', index);
    }
    // A null says all there is to say, even when nobody said what type it is of.
    if (value.type.kind === 'dynamic' && value.kind !== 'null' && !parameter.allowDynamic) typeKnown = false;
    if (value.kind === 'unknown' && !parameter.allowUnknown) known = false;
    return value;
  });

  // Secrets stay secrets while they are not known yet.
  const unknown = (type: Type) => withMarks(unknownValue(type), ...marks, ...given.map((arg) => arg.marks));
  if (!typeKnown) return unknown(dynamicType);
  return withoutSecrets(args, () => {
    const type = fn.resultType(given);
    return known ? withMarks(fn.call(given, type), ...marks) : unknown(type);
  });
}

function checkCount(fn: HclFunction, given: number): void {
  const wanted = fn.parameters.length;
  if (given === wanted || (given > wanted && fn.rest)) return;
  const atLeast = fn.rest ? 'at least ' : '';
  const count = wanted === 0 ? 'no arguments' : wanted === 1 ? '1 argument' : `${wanted} arguments`;
  const names = [...fn.parameters.map(({ name }) => name), ...(fn.rest ? [`${fn.rest.name}...`] : [])];
  const call = `${fn.name}(${names.join(', ')})`;
  throw new FunctionError(
    `The function takes ${atLeast}${count}, as in ${call}; ${given === 1 ? '1 is' : `${given} are`} given.`,
  );
}

function converted(arg: Value, parameter: Parameter, index: number): Value {
  if (parameter.reads !== undefined) return arg;
  try {
    return convert(arg, parameter.type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new FunctionError(`The argument does not fit: ${error.message}.`, index);
  }
}

function withoutMarks(value: Value, parameter: Parameter, marks: ReadonlySet<Mark>[]): Value {
  if (parameter.allowMarked) return value;
  const plain = unmarkedDeep(value);
  marks.push(plain.marks);
  return plain.value;
}

/** Functions may quote their arguments when they refuse them. */
function withoutSecrets(args: readonly Value[], call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof FunctionError) || !args.some((arg) => containsMark(arg, sensitiveMark)))
      throw error;
    throw new FunctionError(
      'The arguments are not acceptable. What is wrong is not shown, because one of them is sensitive.',
      error.argument,
    );
  }
}
