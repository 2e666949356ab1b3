import { dynamicType, listType, sameType, type Type, tupleType } from '../values/type.ts';
import { listValue, tupleValue, unknownValue, type Value, withMarks } from '../values/value.ts';
import { type Evaluation, unusable } from './evaluation.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** What the splat is applied to, the `.*` or `[*]` itself, and the whole expression. */
interface SplatPlaces {
  readonly source: Span;
  readonly marker: Span;
  readonly whole: Span;
}

/** Applies the steps after a splat to one element; undefined after a mistake. */
type Each = (item: Value, run: Evaluation) => Value | undefined;

/**
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#splat-operators Undefined after a mistake.
 */
export function evaluateSplat(
  value: Value,
  each: Each,
  places: SplatPlaces,
  run: Evaluation,
): Value | undefined {
  const { type } = value;
  const isSequence = type.kind === 'list' || type.kind === 'set' || type.kind === 'tuple';
  if (value.kind === 'null') {
    if (!isSequence) return withMarks(tupleValue([]), value.marks);
    run.error('Splat of null value', 'This list is null, so there is nothing to go through.', places.source, {
      context: { start: places.source.start, end: places.marker.end },
    });
    return undefined;
  }
  if (type.kind === 'dynamic') return withMarks(unusable, value.marks);
  if (!isSequence) return single(value, each, run);
  if (value.kind === 'unknown') return unknownResult(value, each, run);
  return sequence(value as SequenceValue, each, places, run);
}

type SequenceValue = Extract<Value, { kind: 'list' | 'set' | 'tuple' }>;

/** Anything that is no sequence counts as a sequence of one. */
function single(value: Value, each: Each, run: Evaluation): Value {
  const result = each(value, run);
  // It may turn out to be null, and then there would be no element at all.
  if (value.kind === 'unknown') return withMarks(unusable, value.marks);
  return withMarks(result ? tupleValue([result]) : unknownValue(tupleType([dynamicType])), value.marks);
}

function unknownResult(value: Value, each: Each, run: Evaluation): Value | undefined {
  const type = resultType(value.type, each, run);
  return type && withMarks(unknownValue(type), value.marks);
}

/** The type of the result, found out with unknown elements. */
function resultType(type: Type, each: Each, run: Evaluation): Type | undefined {
  if (type.kind === 'tuple') {
    const elements = type.elements.map((element) => each(unknownValue(element), run)?.type);
    return elements.includes(undefined) ? undefined : tupleType(elements as Type[]);
  }
  if (type.kind !== 'list' && type.kind !== 'set') return dynamicType;
  const element = each(unknownValue(type.element), run);
  return element && listType(element.type);
}

/** The type that the result would have: a condition may compare it with that of its other result. */
function failedType(value: SequenceValue): Type {
  return value.kind === 'tuple' ? tupleType(value.items.map(() => dynamicType)) : listType(dynamicType);
}

function sequence(value: SequenceValue, each: Each, places: SplatPlaces, run: Evaluation): Value | undefined {
  const results: Value[] = [];
  for (const item of value.items) {
    const result = each(item, run);
    // All elements are of one type or written out by hand: the first mistake says it all.
    if (!result) return withMarks(unknownValue(failedType(value)), value.marks);
    results.push(result);
  }
  if (value.kind === 'tuple') return withMarks(tupleValue(results), value.marks);
  const [first] = results;
  if (!first) {
    const type = resultType(value.type, each, run);
    return type && withMarks(listValue(type.kind === 'list' ? type.element : dynamicType, []), value.marks);
  }
  if (results.some((result) => result.type.kind === 'dynamic')) return withMarks(unusable, value.marks);
  if (!results.every((result) => sameType(result.type, first.type))) {
    run.error(
      'Invalid nested splat expressions',
      'The results for the elements are of different types, so they cannot form a list. Use a for expression, which makes a tuple.',
      places.marker,
      { context: places.whole },
    );
    return undefined;
  }
  return withMarks(listValue(first.type, results), value.marks);
}
