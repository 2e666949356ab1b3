import { type Generated, type Kysely, sql } from 'kysely';
import type { SchemaStep } from '../database/migration.ts';
import { bossDatabase } from '../workers/boss-database.ts';
import type { RunState, RunSubState } from './runs.ts';

/** Times are `timestamptz`; JSON is kept as text. */
export interface RunTables {
  readonly runs: RunRow;
  readonly run_steps: RunStepRow;
  readonly run_outputs: RunOutputRow;
  readonly workers: WorkerRow;
  readonly staging_groups: StagingGroupRow;
  readonly triggers: TriggerRow;
  readonly trigger_firings: TriggerFiringRow;
}

export interface RunRow {
  readonly id: string;
  /** ARM id in lower case. */
  readonly template_id: string;
  /** The template as it was when the run began. */
  readonly template: string;
  readonly location: string;
  readonly cause: 'manual' | 'autoRun' | 'trigger' | 'rebuild';
  readonly caller_id: string;
  readonly client_request_id: string;
  readonly state: RunState;
  readonly sub_state: RunSubState;
  readonly message: string;
  /** Why it failed, for programs: `{code, step?, exitCode?}`. */
  readonly failure: string | null;
  readonly queued_at: Date;
  /** When a worker first took it. */
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly cpus: number;
  readonly memory_mib: number;
  /** How often it was taken or put back. Whoever holds it writes only while this is what it was then. */
  readonly fence: number;
  /** Undefined while it waits. */
  readonly worker_id: string | null;
  readonly attempts: number;
  /** How many workers died while they had it. */
  readonly lost: Generated<number>;
  readonly exact_source: string | null;
  /** Image in the store of builds, from its end on. */
  readonly image: string | null;
}

export interface RunStepRow {
  readonly run_id: string;
  readonly attempt: number;
  readonly position: number;
  readonly sub_state: RunSubState;
  readonly name: string;
  readonly state: 'Running' | 'Succeeded' | 'Restored' | 'Failed' | 'Canceled';
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly milliseconds: number | null;
}

/** The newest of each name counts for the template's `runOutputs`. */
export interface RunOutputRow {
  readonly run_id: string;
  /** As written in the template. */
  readonly name: string;
  readonly template_id: string;
  readonly state: 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly artifact_id: string | null;
  readonly artifact_uri: string | null;
  readonly message: string | null;
  readonly updated_at: Date;
}

export interface WorkerRow {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  /** The worker's process on its host (workers/host-process.ts). */
  readonly process: string;
  readonly cpus: number;
  readonly memory_mib: number;
  /** Counted up while it lives: others look whether it changes, and trust no clock but their own. */
  readonly beats: number;
  readonly started_at: Date;
  readonly heard_at: Date;
  readonly state: 'alive' | 'gone';
}

/** Everything temporary of one attempt at a run, in one folder. */
export interface StagingGroupRow {
  /** `IT_<group>_<template>_<guid>` */
  readonly name: string;
  readonly run_id: string;
  /** The lease: it lasts as long as this is the fence of the run, and the run has not ended. */
  readonly fence: number;
  readonly template_id: string;
  /** The owner's own group, which is emptied and never removed. */
  readonly owner_group: string | null;
  readonly folder: string;
  readonly host: string;
  /** Store that the build worked with. */
  readonly build_home: string;
  /** Names of images in it that go with the group, separated by blanks. */
  readonly images: string;
  /** `kept`: a failed step said `abort`, and its machine is there until it is removed. */
  readonly state: 'leased' | 'kept';
  /** Leaders of the build's process groups (workers/host-process.ts), separated by blanks. */
  readonly processes: string;
  readonly created_at: Date;
  readonly bytes: number;
}

export interface TriggerRow {
  readonly id: string;
  /** ARM id of the template in lower case. */
  readonly template_id: string;
  readonly name: string;
  readonly kind: 'SourceImage' | 'Schedule' | 'Webhook';
  /** JSON: `{cron, timeZone}` of a schedule. */
  readonly settings: string;
  /** SHA-256 of a webhook's secret. */
  readonly secret_hash: string | null;
  readonly caller_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** Version of the source that was seen last, or time of the last turn of a schedule. */
  readonly seen: string | null;
  readonly next_at: Date | null;
  readonly failures: number;
  readonly state: 'Healthy' | 'Disabled';
  readonly status_message: string;
  readonly status_at: Date;
}

/** One row for each thing that happened: whoever writes it starts the run. */
export interface TriggerFiringRow {
  readonly trigger_id: string;
  /** What happened: a version, a time, or a request's id. */
  readonly event: string;
  readonly run_id: string | null;
  readonly fired_at: Date;
  /** Whether the run's end was counted. */
  readonly settled: boolean;
}

export const runSteps: readonly SchemaStep[] = [
  { name: '2026-11-25-runs', up: createRuns },
  // Here, and not when the queue is first used: processes that start together would make it at the same time.
  { name: '2026-11-25-runs-queue', up: createQueue },
];

async function createQueue(database: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{
    there: string | null;
  }>`select to_regclass('pgboss.version')::text as there`.execute(database);
  if (rows[0]?.there) return;
  const { default: PgBoss } = await import('pg-boss');
  await bossDatabase(database).executeSql(PgBoss.getConstructionPlans('pgboss'));
}

async function createRuns(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('runs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('template_id', 'text', (column) => column.notNull())
    .addColumn('template', 'text', (column) => column.notNull())
    .addColumn('location', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('caller_id', 'text', (column) => column.notNull())
    .addColumn('client_request_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('sub_state', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('failure', 'text')
    .addColumn('queued_at', 'timestamptz', (column) => column.notNull())
    .addColumn('started_at', 'timestamptz')
    .addColumn('ended_at', 'timestamptz')
    .addColumn('cpus', 'integer', (column) => column.notNull())
    .addColumn('memory_mib', 'integer', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('worker_id', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('lost', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('exact_source', 'text')
    .addColumn('image', 'text')
    .execute();
  await sql`create unique index runs_one_open on runs (template_id) where ended_at is null`.execute(database);
  await sql`create unique index runs_request on runs (template_id, client_request_id)`.execute(database);
  await sql`create index runs_of_template on runs (template_id, queued_at desc, id desc)`.execute(database);
  await sql`create index runs_by_time on runs (queued_at desc, id desc)`.execute(database);
  await sql`create index runs_open on runs (worker_id, queued_at) where ended_at is null`.execute(database);

  await schema
    .createTable('run_steps')
    .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('sub_state', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'timestamptz', (column) => column.notNull())
    .addColumn('ended_at', 'timestamptz')
    .addColumn('milliseconds', 'integer')
    .addPrimaryKeyConstraint('run_steps_key', ['run_id', 'attempt', 'position'])
    .execute();

  await schema
    .createTable('run_outputs')
    .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('template_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('artifact_id', 'text')
    .addColumn('artifact_uri', 'text')
    .addColumn('message', 'text')
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('run_outputs_key', ['run_id', 'name'])
    .execute();
  await sql`create index run_outputs_of_template on run_outputs (template_id, name, updated_at desc)`.execute(
    database,
  );

  await schema
    .createTable('workers')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('process', 'text', (column) => column.notNull())
    .addColumn('cpus', 'integer', (column) => column.notNull())
    .addColumn('memory_mib', 'integer', (column) => column.notNull())
    .addColumn('beats', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('started_at', 'timestamptz', (column) => column.notNull())
    .addColumn('heard_at', 'timestamptz', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();

  await schema
    .createTable('staging_groups')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('template_id', 'text', (column) => column.notNull())
    .addColumn('owner_group', 'text')
    .addColumn('folder', 'text', (column) => column.notNull())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('build_home', 'text', (column) => column.notNull())
    .addColumn('images', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('processes', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();

  await schema
    .createTable('triggers')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('template_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('settings', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text')
    .addColumn('caller_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull())
    .addColumn('seen', 'text')
    .addColumn('next_at', 'timestamptz')
    .addColumn('failures', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('status_message', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('status_at', 'timestamptz', (column) => column.notNull())
    .execute();
  await sql`create unique index triggers_name on triggers (template_id, lower(name))`.execute(database);

  await schema
    .createTable('trigger_firings')
    .addColumn('trigger_id', 'text', (column) =>
      column.notNull().references('triggers.id').onDelete('cascade'),
    )
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text')
    .addColumn('fired_at', 'timestamptz', (column) => column.notNull())
    .addColumn('settled', 'boolean', (column) => column.notNull().defaultTo(false))
    .addPrimaryKeyConstraint('trigger_firings_key', ['trigger_id', 'event'])
    .execute();
}
