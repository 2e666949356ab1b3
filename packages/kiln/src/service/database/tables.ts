import type { AccessTables } from '../access/access-tables.ts';
import type { GalleryTables } from '../gallery/gallery-tables.ts';
import type { OperationTables } from '../http/operation-tables.ts';
import type { RunTables } from '../runs/run-tables.ts';
import type { TemplateTables } from '../templates/template-tables.ts';

/** All tables of the service; each part describes its own beside its migrations. */
export type Tables = AccessTables & OperationTables & TemplateTables & RunTables & GalleryTables;
