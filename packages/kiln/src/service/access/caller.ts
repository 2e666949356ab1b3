import type { Action } from './actions.ts';

/** Who asks: a user or a service identity, by a token of ours or of the configured issuer. */
export interface Caller {
  /** Id of the principal in table `principals`. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'user' | 'application' | 'managed-identity' | 'worker';
  /** A token may be narrower than its owner: only these actions, only below this scope. */
  readonly limits?: { readonly actions?: readonly Action[]; readonly scope?: string };
}
