import type { SchemaStep } from '../database/migration.ts';

export type TemplateTables = Record<never, never>;

export const templateSteps: readonly SchemaStep[] = [];
