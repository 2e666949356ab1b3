import { KilnError } from './errors.ts';
import { bumpOf, compareGemVersions, type GemVersion, parseGemVersion, releaseOf } from './gem-version.ts';

/** What a version must be, as RubyGems' `Gem::Requirement` reads it. */
export interface GemRequirement {
  readonly text: string;
  readonly allows: (version: GemVersion) => boolean;
}

const operators: Readonly<Record<string, (version: GemVersion, wanted: GemVersion) => boolean>> = {
  '=': (version, wanted) => compareGemVersions(version, wanted) === 0,
  '!=': (version, wanted) => compareGemVersions(version, wanted) !== 0,
  '>': (version, wanted) => compareGemVersions(version, wanted) > 0,
  '<': (version, wanted) => compareGemVersions(version, wanted) < 0,
  '>=': (version, wanted) => compareGemVersions(version, wanted) >= 0,
  '<=': (version, wanted) => compareGemVersions(version, wanted) <= 0,
  '~>': (version, wanted) =>
    compareGemVersions(version, wanted) >= 0 && compareGemVersions(releaseOf(version), bumpOf(wanted)) < 0,
};

/**
 * Reads constraints with commas between them, such as `>= 1.2, < 2` or `~> 1.2`; a bare version must be that one. An
 * empty text allows everything.
 * @throws KilnError `bad-usage`
 */
export function parseGemRequirement(text: string): GemRequirement {
  const parts = text.split(',');
  while (parts.at(-1) === '') parts.pop();
  const tests = parts.map((part) => {
    const [, operator = '=', version = ''] = /^\s*(=|!=|>=|<=|~>|>|<)?\s*(.*?)\s*$/s.exec(part) ?? [];
    const wanted = version === '' ? undefined : parseGemVersion(version);
    if (!wanted) throw notAConstraint(text, part.trim());
    return (found: GemVersion) => operators[operator]!(found, wanted);
  });
  return { text, allows: (version) => tests.every((test) => test(version)) };
}

function notAConstraint(text: string, part: string): KilnError {
  const what = part === text.trim() ? `"${text}"` : `"${part}" in "${text}"`;
  return new KilnError('bad-usage', `${what} is no constraint on versions`, {
    hint: 'write a version, or such as ">= 1.2, < 2.0" or "~> 1.2"',
  });
}
