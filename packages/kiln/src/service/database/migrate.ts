import { type Kysely, Migrator } from 'kysely';
import { KilnError } from '../../base/errors.ts';
import { accessSteps } from '../access/access-tables.ts';
import { gallerySteps } from '../gallery/gallery-tables.ts';
import { operationSteps } from '../http/operation-tables.ts';
import { runSteps } from '../runs/run-tables.ts';
import { templateSteps } from '../templates/template-tables.ts';
import type { SchemaStep } from './migration.ts';

/** The steps of all parts. Each part's stand in the order of their names, whatever other parts have. */
const steps: readonly SchemaStep[] = [
  ...accessSteps,
  ...operationSteps,
  ...templateSteps,
  ...runSteps,
  ...gallerySteps,
];

/**
 * Brings a database's schema up to date. Several processes may do so at once: one works and the others wait for it.
 * @throws KilnError `database-failed` when a step fails; nothing of it remains
 */
export async function migrate<T>(database: Kysely<T>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    // Parts grow side by side, so that a step may be older than one that another part has run already.
    allowUnorderedMigrations: true,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          steps.map(({ name, up }) => [name, { up: (inner: Kysely<unknown>) => up(inner) }]),
        ),
    },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  throw new KilnError(
    'database-failed',
    `the database could not be brought up to date${failed ? ` (${failed})` : ''}`,
    {
      cause: error,
      hint: 'a newer Kiln may have used this database; else look at the cause',
    },
  );
}
