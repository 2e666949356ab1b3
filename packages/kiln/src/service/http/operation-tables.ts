import { type Kysely, sql } from 'kysely';
import type { NullableJson } from '../database/columns.ts';
import type { SchemaStep } from '../database/migration.ts';

export interface OperationTables {
  operations: {
    /** A GUID in lower case. */
    id: string;
    subscription: string;
    location: string;
    /** `Microsoft.VirtualMachineImages` or `Microsoft.Compute`, in lower case. */
    provider: string;
    /** ARM id of what it works on, in lower case. */
    resource_id: string;
    /** Principal who asked for it. */
    caller_id: string;
    started_at: Date;
    /** Null while it goes on. */
    ended_at: Date | null;
    status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
    error: NullableJson<{ code: string; message: string }>;
    /** What says how it stands while it has no end of its own: `run` and the run's id, and so on. */
    follows_kind: string | null;
    follows_id: string | null;
  };
}

export const operationSteps: readonly SchemaStep[] = [
  {
    name: '2026-11-25-operations',
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('operations')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('subscription', 'text', (column) => column.notNull())
        .addColumn('location', 'text', (column) => column.notNull())
        .addColumn('provider', 'text', (column) => column.notNull())
        .addColumn('resource_id', 'text', (column) => column.notNull())
        .addColumn('caller_id', 'text', (column) => column.notNull())
        .addColumn('started_at', 'timestamptz', (column) => column.notNull())
        .addColumn('ended_at', 'timestamptz')
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('error', 'jsonb')
        .addColumn('follows_kind', 'text')
        .addColumn('follows_id', 'text')
        .execute();
      await database.schema
        .createIndex('operations_by_start')
        .on('operations')
        .column('started_at')
        .execute();
      await sql`create index operations_by_resource on operations (resource_id, started_at desc)`.execute(
        database,
      );
    },
  },
];
