import { KilnError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Plan } from '../plan/plan.ts';

export interface Selection {
  readonly only: readonly string[];
  readonly except: readonly string[];
}

/**
 * The plan with only the builds that are asked for. A pattern matches a whole name; `*` stands for any letters.
 * @throws KilnError `not-found` when a pattern matches nothing
 */
export function selectBuilds(plan: Plan, { only, except }: Selection): Plan {
  if (only.length === 0 && except.length === 0) return plan;
  const names = plan.builds.map((build) => build.name);
  for (const pattern of [...only, ...except]) {
    if (names.some((name) => matches(pattern, name))) continue;
    throw new KilnError('not-found', `${plan.origin.file} has no build "${pattern}"`, {
      hint:
        didYouMean(pattern, names) ?? (names.length > 0 ? `it has ${names.join(', ')}` : 'it has no builds'),
    });
  }
  const builds = plan.builds.filter(
    ({ name }) =>
      (only.length === 0 || only.some((pattern) => matches(pattern, name))) &&
      !except.some((pattern) => matches(pattern, name)),
  );
  return { ...plan, builds };
}

function matches(pattern: string, name: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}
