import type { Kysely } from 'kysely';

/** One step of the schema. Names order them (`2026-11-25-runs`), and what has run once is never changed again. */
export interface SchemaStep {
  readonly name: string;
  /** Kysely says that migrations know no tables. */
  readonly up: (database: Kysely<unknown>) => Promise<void>;
}
