/** One thing that was looked at. */
export interface Check {
  readonly name: CheckName;
  /** `note`: nothing is wrong, but nothing was proven either. */
  readonly result: 'good' | 'bad' | 'note';
  /** One sentence, without the name. */
  readonly text: string;
  /** What to do when it is bad. */
  readonly hint?: string;
  /** More lines, such as the files that differ. */
  readonly details?: readonly string[];
}

export type CheckName = 'disk' | 'documents' | 'provenance' | 'sbom' | 'recipe' | 'rebuild';

export function good(name: CheckName, text: string): Check {
  return { name, result: 'good', text };
}

export function bad(name: CheckName, text: string, hint?: string): Check {
  return { name, result: 'bad', text, ...(hint && { hint }) };
}

export function note(name: CheckName, text: string, hint?: string): Check {
  return { name, result: 'note', text, ...(hint && { hint }) };
}
