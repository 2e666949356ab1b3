import type { CharacterSet } from './character-set.ts';
import type { Instruction } from './program.ts';
import type { Assertion } from './syntax-tree.ts';

/** Matching a text took more steps than any sensible pattern and text need. */
export class RegexBudgetError extends Error {
  constructor() {
    super('Matching this pattern against this text takes too long; use a simpler pattern or a shorter text.');
    this.name = 'RegexBudgetError';
  }
}

/** Some seconds of work. */
const maxSteps = 30_000_000;

/** Where the groups start and end, two offsets each, -1 for groups that took no part; the whole match is group 0. */
export type Captures = Int32Array;

/** A way through the program that fits the text so far. */
interface Thread {
  readonly at: number;
  readonly captures: Captures;
}

/**
 * Runs a program over texts, all ways through it at once, character by character (the simulation by Pike and
 * Thompson: https://swtch.com/~rsc/regexp/regexp2.html). The time is bounded by the lengths of the text and the
 * program multiplied, whatever the pattern; JavaScript's own engine tries one way after the other and can take
 * exponentially long, so that a hostile pattern would hang the process.
 */
export class Matcher {
  readonly #program: readonly Instruction[];
  readonly #slots: number;
  readonly #first: readonly CharacterSet[] | undefined;
  /** Per instruction: the last generation of threads that has been there. */
  readonly #seen: Uint32Array;
  #generation = 0;
  #steps = 0;

  constructor(program: readonly Instruction[], groups: number) {
    this.#program = program;
    this.#slots = (groups + 1) * 2;
    this.#seen = new Uint32Array(program.length);
    this.#first = firstCharacters(program);
  }

  /**
   * The leftmost match that starts at the offset or later; of those that start at the same place the one that a
   * backtracking search would find first.
   * @throws RegexBudgetError
   */
  find(text: string, from: number): Captures | undefined {
    // The steps of all searches in one text count together; the first of them begins at its start.
    if (from === 0) this.#steps = 0;
    let threads: Thread[] = [];
    let found: Captures | undefined;
    this.#generation++;
    for (let offset = from; ; ) {
      if (threads.length === 0 && !found) offset = this.#possibleStart(text, offset);
      if (!found) this.#follow(threads, 0, new Int32Array(this.#slots).fill(-1), text, offset);
      if (threads.length === 0 && found) return found;
      const codePoint = offset < text.length ? text.codePointAt(offset)! : -1;
      const after = offset + (codePoint > 0xffff ? 2 : 1);
      const next: Thread[] = [];
      this.#generation++;
      for (const thread of threads) {
        this.#step();
        const instruction = this.#program[thread.at]!;
        if (instruction.kind === 'match') {
          // Threads after this one are less preferred.
          found = thread.captures;
          break;
        }
        if (instruction.kind === 'character' && codePoint >= 0 && instruction.set.has(codePoint)) {
          this.#follow(next, thread.at + 1, thread.captures, text, after);
        }
      }
      if (codePoint < 0) return found;
      threads = next;
      offset = after;
    }
  }

  /** The next place where a match may start; the end of the text if there is none. */
  #possibleStart(text: string, from: number): number {
    const first = this.#first;
    if (!first) return from;
    let offset = from;
    while (offset < text.length) {
      const codePoint = text.codePointAt(offset)!;
      if (first.some((set) => set.has(codePoint))) return offset;
      offset += codePoint > 0xffff ? 2 : 1;
    }
    return offset;
  }

  /** Adds the threads that wait for a character, or have matched, after this instruction; most preferred first. */
  #follow(threads: Thread[], start: number, startCaptures: Captures, text: string, offset: number): void {
    const pending: Thread[] = [{ at: start, captures: startCaptures }];
    for (let thread = pending.pop(); thread; thread = pending.pop()) {
      let { at, captures } = thread;
      while (this.#seen[at] !== this.#generation) {
        this.#seen[at] = this.#generation;
        this.#step();
        const instruction = this.#program[at]!;
        if (instruction.kind === 'split') {
          pending.push({ at: instruction.second, captures });
          at = instruction.first;
        } else if (instruction.kind === 'jump') {
          at = instruction.to;
        } else if (instruction.kind === 'save') {
          captures = captures.slice();
          captures[instruction.slot] = offset;
          at++;
        } else if (instruction.kind === 'assertion') {
          if (!holds(instruction.assertion, text, offset)) break;
          at++;
        } else {
          threads.push({ at, captures });
          break;
        }
      }
    }
  }

  #step(): void {
    if (++this.#steps > maxSteps) throw new RegexBudgetError();
  }
}

/** The sets of which one has the first character of any match; undefined when a match may be empty. */
function firstCharacters(program: readonly Instruction[]): readonly CharacterSet[] | undefined {
  const sets = new Set<CharacterSet>();
  const seen = new Set<number>();
  const pending = [0];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const instruction = program[at]!;
    if (instruction.kind === 'match') return undefined;
    if (instruction.kind === 'character') sets.add(instruction.set);
    else if (instruction.kind === 'split') pending.push(instruction.first, instruction.second);
    else pending.push(instruction.kind === 'jump' ? instruction.to : at + 1);
  }
  return [...sets];
}

function holds(assertion: Assertion, text: string, offset: number): boolean {
  switch (assertion) {
    case 'text start':
      return offset === 0;
    case 'text end':
      return offset === text.length;
    case 'line start':
      return offset === 0 || text[offset - 1] === '\n';
    case 'line end':
      return offset === text.length || text[offset] === '\n';
    case 'word boundary':
      return isWord(text[offset - 1]) !== isWord(text[offset]);
    case 'no word boundary':
      return isWord(text[offset - 1]) === isWord(text[offset]);
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}
