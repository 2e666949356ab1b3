import type { CharacterSet } from './character-set.ts';
import { type Assertion, type RegexNode, RegexSyntaxError } from './syntax-tree.ts';

/** A pattern as instructions for the matcher. Matching starts at the first. */
export type Instruction =
  | { readonly kind: 'character'; readonly set: CharacterSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  /** Goes on at both places, and prefers what the first one finds. */
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  /** Notes where a group starts or ends. */
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'match' };

/** More is not needed by any sensible pattern; counted repetitions within others multiply quickly. */
const maxInstructions = 50_000;

/** @throws RegexSyntaxError The pattern is too large. */
export function compileRegex(node: RegexNode): readonly Instruction[] {
  const program: Instruction[] = [];
  emit(program, { kind: 'capture', index: 0, node });
  add(program, { kind: 'match' });
  return program;
}

function add<T extends Instruction>(program: Instruction[], instruction: T): T {
  if (program.length >= maxInstructions) {
    throw new RegexSyntaxError('The regular expression is too large; write fewer or smaller counts in {}.');
  }
  program.push(instruction);
  return instruction;
}

function emit(program: Instruction[], node: RegexNode): void {
  switch (node.kind) {
    case 'empty':
      return;
    case 'character':
      add(program, { kind: 'character', set: node.set });
      return;
    case 'assertion':
      add(program, { kind: 'assertion', assertion: node.assertion });
      return;
    case 'capture':
      add(program, { kind: 'save', slot: node.index * 2 });
      emit(program, node.node);
      add(program, { kind: 'save', slot: node.index * 2 + 1 });
      return;
    case 'sequence':
      for (const part of node.nodes) emit(program, part);
      return;
    case 'alternatives':
      emitAlternatives(program, node.nodes);
      return;
    case 'repeat':
      emitRepeat(program, node);
  }
}

function emitAlternatives(program: Instruction[], nodes: readonly RegexNode[]): void {
  const ends: { to: number }[] = [];
  for (const [index, node] of nodes.entries()) {
    if (index === nodes.length - 1) {
      emit(program, node);
      break;
    }
    const split = add(program, { kind: 'split', first: program.length + 1, second: 0 });
    emit(program, node);
    ends.push(add(program, { kind: 'jump', to: 0 }));
    split.second = program.length;
  }
  for (const end of ends) end.to = program.length;
}

function emitRepeat(
  program: Instruction[],
  { node, min, max, greedy }: RegexNode & { readonly kind: 'repeat' },
): void {
  const unlimited = max === Number.POSITIVE_INFINITY;
  for (let count = 0; count < (unlimited ? min - 1 : min); count++) emit(program, node);
  if (!unlimited) {
    const skips: ((to: number) => void)[] = [];
    for (let count = min; count < max; count++) {
      skips.push(addChoice(program, program.length + 1, greedy));
      emit(program, node);
    }
    for (const skip of skips) skip(program.length);
  } else if (min > 0) {
    emitPlus(program, node, greedy);
  } else if (canBeEmpty(node)) {
    // As (x+)?, so that a turn that matches nothing ends the loop but still counts as the preferred way.
    const skip = addChoice(program, program.length + 1, greedy);
    emitPlus(program, node, greedy);
    skip(program.length);
  } else {
    const start = program.length;
    const leave = addChoice(program, start + 1, greedy);
    emit(program, node);
    add(program, { kind: 'jump', to: start });
    leave(program.length);
  }
}

function emitPlus(program: Instruction[], node: RegexNode, greedy: boolean): void {
  const start = program.length;
  emit(program, node);
  addChoice(program, start, greedy)(program.length);
}

/** A choice between a way into a repetition, preferred if greedy, and one past it, which is set by the result. */
function addChoice(program: Instruction[], into: number, greedy: boolean): (past: number) => void {
  const split = add(program, { kind: 'split', first: into, second: into });
  return (past) => {
    if (greedy) split.second = past;
    else split.first = past;
  };
}

function canBeEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case 'character':
      return false;
    case 'empty':
    case 'assertion':
      return true;
    case 'capture':
      return canBeEmpty(node.node);
    case 'sequence':
      return node.nodes.every(canBeEmpty);
    case 'alternatives':
      return node.nodes.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node);
  }
}
