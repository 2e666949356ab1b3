import { didYouMean } from '../../base/suggest.ts';
import type { NotationProblem } from '../../base/yaml/shape.ts';
import type { ParameterValue } from './condition-subjects.ts';
import type { ParameterType } from './sections/parameters-shape.ts';

/** A value of a type, from how it is written; undefined when it is of another. Lists have commas on a command line. */
export function typedValue(
  written: string | readonly string[],
  type: ParameterType,
): ParameterValue | undefined {
  if (type === 'list') {
    if (typeof written !== 'string') return written;
    return written === '' ? [] : written.split(',').map((entry) => entry.trim());
  }
  if (typeof written !== 'string') return undefined;
  switch (type) {
    case 'number':
      return /^-?\d+(?:\.\d+)?$/.test(written) ? Number(written) : undefined;
    case 'boolean':
      return { true: true, false: false }[written.toLowerCase()];
    default:
      return written;
  }
}

interface Constraints {
  readonly values?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** What a parameter's declaration has against a value, as it reads behind the value. */
export function checkValue(
  value: ParameterValue,
  type: ParameterType,
  { values, pattern, min, max }: Constraints,
): NotationProblem | undefined {
  if (type === 'enum') {
    if (!values)
      return {
        problem: 'cannot be checked: the parameter has no "values"',
        hint: 'list them under "values:"',
      };
    if (values.includes(String(value))) return undefined;
    return {
      problem: 'is not one of its values',
      hint: didYouMean(String(value), values) ?? `there are ${values.join(', ')}`,
    };
  }
  const texts = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
  if (pattern !== undefined && type !== 'number' && type !== 'boolean') {
    const whole = new RegExp(`^(?:${pattern})$`, 'u');
    if (!texts.every((text) => whole.test(text))) {
      return { problem: `does not match ${pattern}`, hint: 'give a value that matches, or change "pattern"' };
    }
  }
  const measured = typeof value === 'number' ? value : typeof value === 'boolean' ? undefined : value.length;
  const what =
    typeof value === 'number' ? 'it is' : Array.isArray(value) ? 'its entries are' : 'its characters are';
  if (measured !== undefined && min !== undefined && measured < min) {
    return { problem: `is below the least, ${min}`, hint: `${what} at least ${min}` };
  }
  if (measured !== undefined && max !== undefined && measured > max) {
    return { problem: `is above the most, ${max}`, hint: `${what} at most ${max}` };
  }
  return undefined;
}
