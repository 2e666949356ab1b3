/** One thing that the doctor looked at. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'missing';
  /** Building images and running machines is not possible without it. */
  readonly needed: boolean;
  /** What was found, or what does not work without it. */
  readonly detail: string;
  /** How to mend it: a command, or what to do. */
  readonly fix?: string;
}
