/** The variables of a file with their values, and those whose value is missing. */
export interface Scope {
  readonly values: ReadonlyMap<string, string>;
  /** Declared, but without a value; that was reported already. */
  readonly unset: ReadonlySet<string>;
  /** Texts are taken as they stand, and a reference is a mistake. */
  readonly fixed?: boolean;
}

export interface InterpolationProblem {
  readonly kind: 'unknown' | 'malformed';
  readonly reference: string;
}

export interface Interpolated {
  readonly text: string;
  readonly problems: readonly InterpolationProblem[];
  /** A variable has no value, which was reported where it is declared. */
  readonly incomplete: boolean;
  /** At least one reference was filled in. */
  readonly changed: boolean;
}

/**
 * Fills in `${name}`; `$${` stands for `${`. In a script every `${…}` that is not just a name is left to the
 * shell; elsewhere it is a mistake.
 */
export function interpolate(source: string, scope: Scope, script: boolean): Interpolated {
  const problems: InterpolationProblem[] = [];
  let changed = false;
  let incomplete = false;
  const text = source.replace(
    /(\$?)\$\{([^}\n]*)(\}?)/g,
    (whole, escaped: string, inner: string, end: string) => {
      if (escaped) return whole.slice(1);
      if (end && /^[A-Za-z_][A-Za-z0-9_]*$/.test(inner)) {
        changed = true;
        const value = scope.values.get(inner);
        if (value !== undefined) return value;
        if (scope.unset.has(inner)) incomplete = true;
        else problems.push({ kind: 'unknown', reference: inner });
        return '';
      }
      if (!script) problems.push({ kind: 'malformed', reference: whole });
      return whole;
    },
  );
  return { text, problems, incomplete, changed };
}
