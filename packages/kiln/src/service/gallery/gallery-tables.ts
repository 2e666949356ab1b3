import type { SchemaStep } from '../database/migration.ts';

export type GalleryTables = Record<never, never>;

export const gallerySteps: readonly SchemaStep[] = [];
