/** The variables of a file with their values, and those whose value is missing. */
export interface Scope {
  readonly values: ReadonlyMap<string, string>;
  /** Declared, but without a value; that was reported already. */
  readonly unset: ReadonlySet<string>;
  /** Texts are taken as they stand, and a reference is a mistake. */
  readonly fixed?: boolean;
  /** Texts are taken as they stand, whatever is in them. */
  readonly literal?: boolean;
  /** What people are told such a thing is: `variable` unless given. */
  readonly noun?: string;
  /** Those that are lists: they stand for whole lists or entries, never in a text. */
  readonly lists?: ReadonlyMap<string, readonly string[]>;
  /** Names with dots are references too. */
  readonly dotted?: boolean;
  /** Names that have a value, but not here, with the reason and what to do. */
  readonly unknown?: ReadonlyMap<string, { readonly message: string; readonly hint: string }>;
}

export interface InterpolationProblem {
  readonly kind: 'unknown' | 'malformed' | 'list' | 'not-here';
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

const reference = /(\$?)\$\{([^}\n]*)(\}?)/g;

/**
 * Fills in `${name}`; `$${` stands for `${`. In a script every `${…}` that is not just a name is left to the
 * shell; elsewhere it is a mistake.
 */
export function interpolate(source: string, scope: Scope, script: boolean): Interpolated {
  if (scope.literal) return { text: source, problems: [], incomplete: false, changed: false };
  const problems: InterpolationProblem[] = [];
  let changed = false;
  let incomplete = false;
  const text = source.replace(reference, (whole, escaped: string, inner: string, end: string) => {
    if (escaped) return whole.slice(1);
    if (end && isName(inner, scope)) {
      changed = true;
      const value = scope.values.get(inner);
      if (value !== undefined) return value;
      if (scope.unset.has(inner)) incomplete = true;
      else if (scope.lists?.has(inner)) problems.push({ kind: 'list', reference: inner });
      else if (scope.unknown?.has(inner)) problems.push({ kind: 'not-here', reference: inner });
      else problems.push({ kind: 'unknown', reference: inner });
      return '';
    }
    if (!script) problems.push({ kind: 'malformed', reference: whole });
    return whole;
  });
  return { text, problems, incomplete, changed };
}

function isName(text: string, scope: Pick<Scope, 'dotted'>): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) || (scope.dotted === true && /^[a-z]+(?:\.[a-z]+)+$/.test(text))
  );
}

/** The list that a text stands for as a whole. */
export function listReference(text: string, scope: Scope): readonly string[] | undefined {
  const name = /^\s*\$\{([A-Za-z_][A-Za-z0-9_]*)\}\s*$/.exec(text)?.[1];
  return name === undefined ? undefined : scope.lists?.get(name);
}

/** A text that `interpolate` makes this one of, outside of scripts too. */
export function escaped(text: string): string {
  return text.replace(reference, (whole) => `$${whole}`);
}

/** The same for a script: what is the shell's own stays as it is. */
export function escapedScript(text: string): string {
  return text.replace(reference, (whole, dollar: string, inner: string, end: string) =>
    dollar || (end && isName(inner, { dotted: true })) ? `$${whole}` : whole,
  );
}
