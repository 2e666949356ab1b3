import type { SchemaStep } from '../database/migration.ts';

export type AccessTables = Record<never, never>;

export const accessSteps: readonly SchemaStep[] = [];
