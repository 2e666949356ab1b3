import type { Condition, FactValue, Resource } from '../../plan/profile.ts';
import { factDefinitions } from '../facts.ts';

/** A condition as it is written; `parseCondition` gives the same back. */
export function formatCondition(condition: Condition): string {
  return format(condition, 'or');
}

/** The field `when`, when there is one. */
export function whenField({ when }: Resource): { readonly when?: string } {
  return when ? { when: formatCondition(when) } : {};
}

/** @param around what the condition is a part of: "and" binds stronger than "or", and "not" than both */
function format(condition: Condition, around: 'or' | 'and' | 'not'): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      if (condition.of.length === 0) return condition.kind === 'and' ? 'true' : 'false';
      const text = condition.of.map((one) => format(one, condition.kind)).join(` ${condition.kind} `);
      const isLoose = around === 'not' || (around === 'and' && condition.kind === 'or');
      return isLoose ? `(${text})` : text;
    }
    case 'not':
      return `not ${format(condition.of, 'not')}`;
    case 'fact': {
      const { name, operator, value } = condition;
      if (operator === '==' && value === true && factDefinitions[name]?.type === 'yes-no') return name;
      return `${name} ${operator} ${formatValue(value)}`;
    }
  }
}

function formatValue(value: FactValue): string {
  if (typeof value === 'object') return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  if (/^(?:[A-Za-z_][\w./:+~-]*|\d[\w.+~-]*)$/.test(value) && !reserved.has(value)) return value;
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

const reserved: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'matches', 'true', 'false']);
