import { parseSize } from '../../base/sizes.ts';
import { nearest } from '../../base/suggest.ts';
import type { ComparisonOperator, Condition, FactValue } from '../../plan/profile.ts';
import { compareVersions } from '../compare-versions.ts';
import { always, never, patternOf } from '../conditions.ts';
import type { FactDefinition } from '../facts.ts';
import type { Token } from './condition-tokens.ts';

/** Values of parameters, typed: a condition over them alone is decided when it is read. */
export type ParameterValue = string | number | boolean | readonly string[];

export interface ConditionScope {
  readonly parameterValues: ReadonlyMap<string, ParameterValue>;
  /** Parameters without a value, which was reported already. */
  readonly unsetParameters: ReadonlySet<string>;
}

/** Thrown while a condition is read, and reported with the place of its index. An empty message was reported before. */
export class ConditionMistake extends Error {
  readonly index: number;
  readonly hint: string;

  constructor(index: number, message: string, hint: string) {
    super(message);
    this.index = index;
    this.hint = hint;
  }
}

/** What a name on the left stands for. */
export type Subject =
  | {
      readonly kind: 'fact';
      readonly name: string;
      readonly definition: FactDefinition;
      readonly token: Token;
    }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly value: ParameterValue;
      readonly token: Token;
    };

/** Names that other tools have for facts. */
export const aliases: Readonly<Record<string, string>> = {
  os: 'os.distribution',
  distribution: 'os.distribution',
  distro: 'os.distribution',
  ansible_distribution: 'os.distribution',
  release: 'os.release',
  version: 'os.release',
  codename: 'os.codename',
  arch: 'architecture',
  cpu: 'cpus',
  ram: 'memory',
  'os.version': 'os.release',
  'os.arch': 'architecture',
  'os.name': 'os.distribution',
  'os.id': 'os.distribution',
};

const architectureAliases: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  i686: 'i386',
  armv7l: 'armhf',
  ppc64le: 'ppc64el',
};

export function typed(subject: Subject, text: string, token: Token): FactValue {
  const type = typeOf(subject);
  if (type === 'number') {
    const value = parseSize(text);
    if (value !== undefined) return value;
    throw new ConditionMistake(
      token.index,
      `"${text}" is no number`,
      `${subject.name} is a number; sizes such as 4G are fine`,
    );
  }
  if (type === 'yes-no') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new ConditionMistake(
      token.index,
      `"${text}" is neither true nor false`,
      `write just "${subject.name}", or "not ${subject.name}"`,
    );
  }
  if (type === 'version' && !/^\d/.test(text)) {
    throw new ConditionMistake(
      token.index,
      `"${text}" is no release`,
      `${subject.name} is like ${subject.kind === 'fact' ? String(subject.definition.example) : '12'}; code names are os.codename`,
    );
  }
  if (subject.kind === 'fact') checkKnown(subject, text, token);
  return text;
}

function checkKnown(
  { name, definition: { known } }: Extract<Subject, { kind: 'fact' }>,
  text: string,
  token: Token,
): void {
  if (known && !known.includes(text)) {
    const guess = architectureAliases[text] ?? nearest(text, known);
    throw new ConditionMistake(
      token.index,
      `${name} is never "${text}"`,
      guess === undefined ? `it is one of ${known.join(', ')}` : `did you mean ${guess}?`,
    );
  }
  if (name === 'os.distribution' && (/[^a-z0-9_-]/.test(text) || text === '')) {
    throw new ConditionMistake(
      token.index,
      `os.distribution is never "${text}"`,
      'it is in small letters and without a release, such as debian; the release is os.release',
    );
  }
}

function typeOf(subject: Subject): FactDefinition['type'] {
  if (subject.kind === 'fact') return subject.definition.type;
  const types = { number: 'number', boolean: 'yes-no' } as const;
  return types[typeof subject.value as keyof typeof types] ?? 'text';
}

export function checkOperator(subject: Subject, operator: ComparisonOperator, index: number): void {
  const type = typeOf(subject);
  if (operator === '==' || operator === '!=' || type === 'number' || type === 'version') return;
  throw new ConditionMistake(
    index,
    `${subject.name} has no order, so "${operator}" has no meaning for it`,
    type === 'text'
      ? 'use ==, !=, in or matches; the order of releases is that of os.release'
      : `write just "${subject.name}"`,
  );
}

export function checkIsText(subject: Subject): void {
  const type = typeOf(subject);
  if (type === 'text' || type === 'version') return;
  throw new ConditionMistake(
    subject.token.index,
    `${subject.name} is no text, so it matches no pattern`,
    'use == or another comparison',
  );
}

/** A name without a comparison: only what is true or false can stand so. */
export function alone(subject: Subject): Condition {
  if (typeOf(subject) !== 'yes-no') {
    throw new ConditionMistake(
      subject.token.index,
      `${subject.name} is neither true nor false by itself`,
      `compare it: ${subject.name} == ${subject.kind === 'fact' ? String(subject.definition.example) : 'something'}`,
    );
  }
  return compare(subject, '==', true);
}

export function compare(subject: Subject, operator: ComparisonOperator, value: FactValue): Condition {
  if (subject.kind === 'fact') return { kind: 'fact', name: subject.name, operator, value };
  return holds(subject.value, operator, value) ? always : never;
}

/** The same comparison for parameters, whose values are known. */
function holds(actual: ParameterValue, operator: ComparisonOperator, value: FactValue): boolean {
  if (Array.isArray(actual)) return false;
  if (operator === 'in') return Array.isArray(value) && value.includes(String(actual));
  if (operator === 'matches') return patternOf(String(value)).test(String(actual));
  if (operator === '==') return String(actual) === String(value);
  if (operator === '!=') return String(actual) !== String(value);
  const order = compareVersions(String(actual), String(value));
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator];
}
