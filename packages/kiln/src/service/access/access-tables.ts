import type { Kysely } from 'kysely';
import type { Counter, NullableJson } from '../database/columns.ts';
import type { SchemaStep } from '../database/migration.ts';
import type { Action } from './actions.ts';
import type { Caller } from './caller.ts';
import type { RoleName } from './roles.ts';

export interface AccessTables {
  principals: {
    /** A GUID; of managed identities it is their `principalId`. */
    id: string;
    kind: Caller['kind'];
    name: string;
    /** ARM id of a managed identity, as it was written when it was made, and in lower case. */
    arm_id: string | null;
    arm_key: string | null;
    client_id: string | null;
    location: string | null;
    tags: NullableJson<Readonly<Record<string, string>>>;
    /** `issuer` and `sub` of a bearer token of an OIDC issuer, with a space between. */
    subject: string | null;
    created_at: Date;
    /** From then on it may do nothing. */
    disabled_at: Date | null;
  };
  tokens: {
    id: string;
    principal_id: string;
    name: string;
    /** SHA-256 of the token, in hexadecimal digits. The token itself is nowhere. */
    hash: string;
    actions: NullableJson<readonly Action[]>;
    scope: string | null;
    created_at: Date;
    created_by: string;
    expires_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  role_assignments: {
    id: string;
    principal_id: string;
    role: RoleName;
    /** An ARM id in lower case, or `/` for everything. */
    scope: string;
    created_at: Date;
    created_by: string;
  };
  audit: {
    id: Counter;
    at: Date;
    /** Null for who did not say, or could not show, who they are. */
    principal_id: string | null;
    principal_name: string | null;
    action: string;
    scope: string;
    method: string;
    path: string;
    status: number;
    code: string | null;
    request_id: string;
  };
}

export const accessSteps: readonly SchemaStep[] = [
  {
    name: '2026-11-25-access',
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      await schema
        .createTable('principals')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('arm_id', 'text')
        .addColumn('arm_key', 'text', (column) => column.unique())
        .addColumn('client_id', 'text')
        .addColumn('location', 'text')
        .addColumn('tags', 'jsonb')
        .addColumn('subject', 'text', (column) => column.unique())
        .addColumn('created_at', 'timestamptz', (column) => column.notNull())
        .addColumn('disabled_at', 'timestamptz')
        .execute();
      await schema
        .createTable('tokens')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('principal_id', 'text', (column) =>
          column.notNull().references('principals.id').onDelete('cascade'),
        )
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull().unique())
        .addColumn('actions', 'jsonb')
        .addColumn('scope', 'text')
        .addColumn('created_at', 'timestamptz', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
        .addColumn('last_used_at', 'timestamptz')
        .addColumn('revoked_at', 'timestamptz')
        .execute();
      await schema
        .createTable('role_assignments')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('principal_id', 'text', (column) =>
          column.notNull().references('principals.id').onDelete('cascade'),
        )
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('created_at', 'timestamptz', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addUniqueConstraint('role_assignments_once', ['principal_id', 'role', 'scope'])
        .execute();
      await schema
        .createTable('audit')
        .addColumn('id', 'bigserial', (column) => column.primaryKey())
        .addColumn('at', 'timestamptz', (column) => column.notNull())
        .addColumn('principal_id', 'text')
        .addColumn('principal_name', 'text')
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('method', 'text', (column) => column.notNull())
        .addColumn('path', 'text', (column) => column.notNull())
        .addColumn('status', 'integer', (column) => column.notNull())
        .addColumn('code', 'text')
        .addColumn('request_id', 'text', (column) => column.notNull())
        .execute();
      await schema.createIndex('tokens_by_principal').on('tokens').column('principal_id').execute();
    },
  },
];
