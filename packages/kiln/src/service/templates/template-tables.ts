import type { Kysely } from 'kysely';
import type { ImageTemplate } from '../../dialects/azure/model/image-template.ts';
import type { Json } from '../database/columns.ts';
import type { SchemaStep } from '../database/migration.ts';

export interface TemplateTables {
  image_templates: {
    /** ARM id in lower case. */
    id: string;
    /** As it was written when the template was made. */
    arm_id: string;
    name: string;
    location: string;
    /** As it was sent, with defaults of replies. */
    body: Json<ImageTemplate>;
    /** Version of the API by which it was made. */
    api_version: string;
    created_at: Date;
    created_by: string;
    created_by_name: string;
    created_by_type: string;
    changed_at: Date;
    changed_by_name: string;
    changed_by_type: string;
    /** The request that made it: the same one again is answered the same. */
    client_request_id: string;
  };
  resource_groups: {
    /** ARM id in lower case. */
    id: string;
    arm_id: string;
    name: string;
    location: string;
    tags: Json<Readonly<Record<string, string>>>;
    created_at: Date;
  };
}

export const templateSteps: readonly SchemaStep[] = [
  {
    name: '2026-11-25-templates',
    up: async ({ schema }: Kysely<unknown>) => {
      await schema
        .createTable('image_templates')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('arm_id', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('location', 'text', (column) => column.notNull())
        .addColumn('body', 'jsonb', (column) => column.notNull())
        .addColumn('api_version', 'text', (column) => column.notNull())
        .addColumn('created_at', 'timestamptz', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('created_by_name', 'text', (column) => column.notNull())
        .addColumn('created_by_type', 'text', (column) => column.notNull())
        .addColumn('changed_at', 'timestamptz', (column) => column.notNull())
        .addColumn('changed_by_name', 'text', (column) => column.notNull())
        .addColumn('changed_by_type', 'text', (column) => column.notNull())
        .addColumn('client_request_id', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('resource_groups')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('arm_id', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('location', 'text', (column) => column.notNull())
        .addColumn('tags', 'jsonb', (column) => column.notNull())
        .addColumn('created_at', 'timestamptz', (column) => column.notNull())
        .execute();
    },
  },
];
