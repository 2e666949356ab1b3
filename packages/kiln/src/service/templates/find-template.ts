import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { TemplateRow } from './template-body.ts';
import { noTemplate } from './template-ids.ts';

/** The template of an ARM id. @throws ServiceError 404 when it `mustExist` and does not */
export async function findTemplate(
  database: Kysely<Tables>,
  armId: string,
  mustExist: true,
): Promise<TemplateRow>;
export async function findTemplate(database: Kysely<Tables>, armId: string): Promise<TemplateRow | undefined>;
export async function findTemplate(
  database: Kysely<Tables>,
  armId: string,
  mustExist = false,
): Promise<TemplateRow | undefined> {
  const row = await database
    .selectFrom('image_templates')
    .selectAll()
    .where('id', '=', armId.toLowerCase())
    .executeTakeFirst();
  if (!row && mustExist) throw noTemplate(armId);
  return row;
}
