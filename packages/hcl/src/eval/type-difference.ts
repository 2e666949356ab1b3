import { isCollection, sameType, type Type } from '../values/type.ts';
import { typeExpression, typeWords } from '../values/type-words.ts';

/** A sentence on why the types of the two results of a condition do not go together. */
export function describeDifference(whenTrue: Type, whenFalse: Type): string {
  return `${differenceOf(whenTrue, whenFalse)}.`;
}

function differenceOf(whenTrue: Type, whenFalse: Type): string {
  if (whenTrue.kind === 'object' && whenFalse.kind === 'object') {
    for (const [name, type] of whenTrue.attributes) {
      const other = whenFalse.attributes.get(name);
      if (!other) return `Only the result for "true" has the attribute "${name}"`;
      if (!sameType(type, other)) return `In the attribute "${name}": ${differenceOf(type, other)}`;
    }
    for (const name of whenFalse.attributes.keys()) {
      if (!whenTrue.attributes.has(name)) return `Only the result for "false" has the attribute "${name}"`;
    }
  }
  if (whenTrue.kind === 'tuple' && whenFalse.kind === 'tuple') {
    const [here, there] = [whenTrue.elements.length, whenFalse.elements.length];
    if (here !== there)
      return `The result for "true" has ${elements(here)}, that for "false" has ${elements(there)}`;
    for (const [index, type] of whenTrue.elements.entries()) {
      const other = whenFalse.elements[index]!;
      if (!sameType(type, other)) return `In element ${index}: ${differenceOf(type, other)}`;
    }
  }
  if (isCollection(whenTrue) && isCollection(whenFalse) && whenTrue.kind === whenFalse.kind) {
    return `In the elements: ${differenceOf(whenTrue.element, whenFalse.element)}`;
  }
  const [here, there] = [typeWords(whenTrue), typeWords(whenFalse)];
  const [shown, otherShown] =
    here === there ? [typeExpression(whenTrue), typeExpression(whenFalse)] : [here, there];
  return `The result for "true" is ${shown}, that for "false" is ${otherShown}`;
}

function elements(count: number): string {
  return count === 1 ? '1 element' : `${count} elements`;
}
