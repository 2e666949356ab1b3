import { posix } from 'node:path';
import { Regex } from '../regex/regex.ts';

/** A pattern for file names is not valid. */
export class GlobError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GlobError';
  }
}

/** One part of a pattern, between slashes. */
export type GlobStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'parent' }
  /** `**` */
  | { readonly kind: 'any folders' }
  | { readonly kind: 'pattern'; matches(name: string): boolean };

/** `{a,b}` after `{a,b}` multiply. */
const maxAlternatives = 1000;

/**
 * The parts of each of the alternatives of a pattern. A backslash takes the meaning from the character after it.
 * @throws GlobError
 */
export function parseGlob(pattern: string): readonly (readonly GlobStep[])[] {
  return alternatives(pattern).map((alternative) => {
    const parts = splitAtSlashes(posix.normalize(alternative)).filter((part) => part !== '' && part !== '.');
    return parts.map(parseStep);
  });
}

function alternatives(pattern: string): readonly string[] {
  const pending = [pattern];
  const done: string[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const braces = firstBraces(next);
    if (!braces) done.push(next);
    else for (const option of braces.options) pending.push(braces.before + option + braces.after);
    if (pending.length + done.length > maxAlternatives) {
      throw new GlobError(`The pattern has more than ${maxAlternatives} alternatives in {}.`);
    }
  }
  return done;
}

interface Braces {
  readonly before: string;
  readonly options: readonly string[];
  readonly after: string;
}

function firstBraces(pattern: string): Braces | undefined {
  let start = -1;
  let depth = 0;
  let optionStart = 0;
  const options: string[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') {
      at++;
    } else if (character === '{') {
      if (depth++ === 0) [start, optionStart] = [at, at + 1];
    } else if (character === '}' && depth > 0) {
      if (--depth > 0) continue;
      options.push(pattern.slice(optionStart, at));
      return { before: pattern.slice(0, start), options, after: pattern.slice(at + 1) };
    } else if (character === ',' && depth === 1) {
      options.push(pattern.slice(optionStart, at));
      optionStart = at + 1;
    }
  }
  if (depth > 0) throw new GlobError('A "}" is missing in the pattern.');
  return undefined;
}

function splitAtSlashes(pattern: string): readonly string[] {
  return pattern.match(/(?:\\[\s\S]|[^\\/]|\\$)+/g) ?? [];
}

function parseStep(part: string): GlobStep {
  if (part === '**') return { kind: 'any folders' };
  if (part === '..') return { kind: 'parent' };
  if (!/[\\*?[]/.test(part)) return { kind: 'name', name: part };
  // Whatever the pattern, this matches in linear time.
  const regex = new Regex(`^(?s:${regexSource(part)})$`);
  return { kind: 'pattern', matches: (name) => regex.find(name) !== undefined };
}

function regexSource(part: string): string {
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const character = part[at]!;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '[') {
      const end = endOfClass(part, at);
      source += classSource(part.slice(at + 1, end));
      at = end;
    } else if (character === '\\') {
      at++;
      if (at >= part.length) throw new GlobError('The pattern ends with a lone backslash.');
      source += escaped(part[at]!);
    } else {
      source += escaped(character);
    }
  }
  return source;
}

function endOfClass(part: string, start: number): number {
  for (let at = start + 1; at < part.length; at++) {
    if (part[at] === '\\') at++;
    else if (part[at] === ']') return at;
  }
  throw new GlobError('A "]" is missing in the pattern.');
}

const classPart = /(\\[\s\S]|[^\\-])(?:-(\\[\s\S]|[^\\-]))?/gy;

function classSource(content: string): string {
  const negated = content.startsWith('^');
  const body = negated ? content.slice(1) : content;
  let source = '';
  let end = 0;
  for (const match of body.matchAll(classPart)) {
    const [low, high] = [match[1]!.at(-1)!, (match[2] ?? match[1]!).at(-1)!];
    if (low > high) throw new GlobError(`The range ${match[0]} in the pattern ends before it starts.`);
    source += `${escaped(low)}-${escaped(high)}`;
    end += match[0].length;
  }
  if (source === '' || end < body.length)
    throw new GlobError(`The class [${content}] in the pattern is not valid.`);
  return `[${negated ? '^' : ''}${source}]`;
}

function escaped(character: string): string {
  return /[0-9A-Za-z_]/.test(character) || character > '\x7f'
    ? character
    : `\\x{${character.charCodeAt(0).toString(16)}}`;
}
