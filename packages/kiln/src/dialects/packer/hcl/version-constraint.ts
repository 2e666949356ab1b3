/** A version such as `1.16.0` or `1.2.3-beta`. */
export interface Version {
  readonly segments: readonly number[];
  /** How many segments were written. */
  readonly precision: number;
  readonly prerelease: string;
}

type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | '~>';

/** One condition of a constraint. */
export interface VersionCondition {
  readonly operator: Operator;
  readonly version: Version;
}

/**
 * Reads a version in the notation of https://github.com/hashicorp/go-version. Undefined when it is not one.
 */
export function parseVersion(text: string): Version | undefined {
  const match =
    /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z-.~]+)|([A-Za-z][0-9A-Za-z-.~]*))?(?:\+[0-9A-Za-z-.~]+)?$/.exec(text);
  if (!match) return undefined;
  const segments = match[1]!.split('.').map(Number);
  const precision = segments.length;
  while (segments.length < 3) segments.push(0);
  return { segments, precision, prerelease: match[2] ?? match[3] ?? '' };
}

/**
 * Reads a constraint such as `>= 1.7.0, < 2.0.0` or `~> 1.2`
 * (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/blocks/packer#version-constraint-syntax).
 * Undefined when it is not one.
 */
export function parseVersionConstraint(text: string): readonly VersionCondition[] | undefined {
  const conditions: VersionCondition[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(=|!=|>=|<=|>|<|~>)?\s*(\S+)\s*$/.exec(part);
    const version = match && parseVersion(match[2]!);
    if (!version) return undefined;
    conditions.push({ operator: (match[1] ?? '=') as Operator, version });
  }
  return conditions;
}

/** Whether a version, which is no prerelease, meets all conditions. */
export function meetsConstraint(version: Version, conditions: readonly VersionCondition[]): boolean {
  return conditions.every((condition) => meets(version, condition));
}

function meets(version: Version, { operator, version: wanted }: VersionCondition): boolean {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '~>':
      // All that is written but the last segment must be the same.
      return (
        order >= 0 &&
        wanted.segments
          .slice(0, wanted.precision - 1)
          .every((segment, index) => segment === (version.segments[index] ?? 0))
      );
  }
}

function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < Math.max(a.segments.length, b.segments.length); at++) {
    const difference = (a.segments[at] ?? 0) - (b.segments[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  if (b.prerelease === '') return -1;
  return a.prerelease < b.prerelease ? -1 : 1;
}
