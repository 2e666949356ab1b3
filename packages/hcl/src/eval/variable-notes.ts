import type { Traversal } from '../body.ts';
import type { VariableNote } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { ExpressionNode } from '../syntax/nodes.ts';
import { variablesOf } from '../syntax/variables.ts';
import { AccessError, attribute, index } from '../values/access.ts';
import { formatG } from '../values/big-float-text.ts';
import { typeWords } from '../values/type-words.ts';
import type { Value } from '../values/value.ts';
import type { EvalContext } from './context.ts';
import { lookUpVariable } from './look-up.ts';

const mostNotes = 8;
const longestText = 60;

/** What the variables in an expression stand for, in a few words each. Leaves out what is unknown or marked. */
export function variableNotes(source: Source, node: ExpressionNode, context: EvalContext): VariableNote[] {
  const notes = new Map<string, VariableNote>();
  for (const traversal of variablesOf(source, node)) {
    const note = noteOn(traversal, context);
    if (note) notes.set(note.name, note);
    if (notes.size === mostNotes) break;
  }
  return [...notes.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Goes along the path as far as it leads; where it ends is where something went wrong. */
function noteOn(traversal: Traversal, context: EvalContext): VariableNote | undefined {
  let value = lookUpVariable(context, traversal.root);
  if (!value) return undefined;
  let name = traversal.root;
  for (const step of traversal.steps) {
    const next: Value | undefined = step.kind === 'splat' ? undefined : stepInto(value, step);
    if (!next) break;
    value = next;
    name +=
      step.kind === 'attribute' ? `.${step.name}` : step.kind === 'index' ? `[${describe(step.key)}]` : '';
  }
  return value.kind === 'unknown' || value.marks.size > 0 ? undefined : { name, value: describe(value) };
}

function stepInto(
  value: Value,
  step: Exclude<Traversal['steps'][number], { kind: 'splat' }>,
): Value | undefined {
  try {
    return step.kind === 'attribute' ? attribute(value, step.name) : index(value, step.key);
  } catch (error) {
    if (error instanceof AccessError) return undefined;
    throw error;
  }
}

/** Never says anything of what is inside of a collection or an object: that may be secret. */
function describe(value: Value): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'unknown':
      return 'not known yet';
    case 'string': {
      const { length } = value.value;
      return JSON.stringify(length > longestText ? `${value.value.slice(0, longestText)}…` : value.value);
    }
    case 'number':
      return formatG(value.value);
    case 'bool':
      return String(value.value);
    case 'list':
    case 'set':
    case 'tuple':
      return counted(typeWords(value.type), value.items.length, 'element');
    case 'map':
      return counted(typeWords(value.type), value.entries.size, 'element');
    case 'object': {
      const [only] = value.entries.keys();
      if (value.entries.size === 1) return `object with the attribute ${JSON.stringify(only)}`;
      return counted('object', value.entries.size, 'attribute');
    }
    default:
      return typeWords(value.type);
  }
}

function counted(what: string, count: number, part: string): string {
  if (count === 0) return `${what} without ${part}s`;
  return `${what} with ${count} ${part}${count === 1 ? '' : 's'}`;
}
