import type { SchemaStep } from '../database/migration.ts';

export type RunTables = Record<never, never>;

export const runSteps: readonly SchemaStep[] = [];
