import { usesOf } from '@kiln/gotemplate';
import type { TextTemplate } from '../plan/text.ts';
import { parseSource } from './render-text.ts';

/**
 * Names of all functions that a text calls when it is rendered, also by way of the variables that it names.
 * @throws KilnError `template-invalid` when its source is not a right template
 */
export function calledFunctions(text: TextTemplate): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const visit = (source: string): void => {
    if (!source.includes('{{')) return;
    for (const { name, literals } of usesOf(parseSource(source, text.expressions !== undefined)).calls) {
      names.add(name);
      if (name !== 'user') continue;
      const variable = literals[0];
      // A name that is worked out may be any.
      const named = variable === undefined ? Object.keys(text.user ?? {}) : [variable];
      for (const one of named) {
        if (seen.has(one)) continue;
        seen.add(one);
        visit(text.user?.[one] ?? '');
      }
    }
  };
  visit(text.source);
  return names;
}
