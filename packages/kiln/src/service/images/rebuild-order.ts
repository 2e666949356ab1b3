import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { descendants, type LineageNode } from './lineage.ts';

/** A template whose images stand on a base, directly or not. */
export interface Rebuild {
  /** ARM id in lower case. */
  readonly templateId: string;
  /** Ids of what it has made of the base. */
  readonly images: readonly string[];
  /** Templates that have to be rebuilt before. */
  readonly after: readonly string[];
}

/**
 * What must be rebuilt when a base changes, in order: each template comes behind those whose images it starts from.
 * @param base an ARM id, a digest, or the name of a distribution (`debian/12`)
 */
export async function rebuildOrder(database: Kysely<Tables>, base: string): Promise<readonly Rebuild[]> {
  const nodes = await descendants(database, base);
  const made = await templatesOf(database, nodes);
  const images = new Map<string, string[]>();
  for (const { id, armId } of nodes) {
    const template = made.get(id);
    if (template !== undefined) images.set(template, [...(images.get(template) ?? []), armId ?? id]);
  }
  const after = await dependencies(database, nodes, made);
  const order: Rebuild[] = [];
  const placed = new Set<string>();
  const place = (template: string) => {
    if (placed.has(template)) return;
    placed.add(template);
    const before = [...(after.get(template) ?? [])].sort();
    for (const one of before) place(one);
    order.push({ templateId: template, images: images.get(template) ?? [], after: before });
  };
  for (const template of [...images.keys()].sort()) place(template);
  return order;
}

async function templatesOf(
  database: Kysely<Tables>,
  nodes: readonly LineageNode[],
): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  const byRun = Map.groupBy(
    nodes.filter(({ runId }) => runId !== undefined),
    ({ runId }) => runId!,
  );
  const runs = [...byRun.keys()];
  for (let at = 0; at < runs.length; at += 1000) {
    const rows = await database
      .selectFrom('runs')
      .select(['id', 'template_id'])
      .where('id', 'in', runs.slice(at, at + 1000))
      .execute();
    for (const { id, template_id } of rows)
      for (const node of byRun.get(id) ?? []) made.set(node.id, template_id);
  }
  return made;
}

/** By template, the templates that made what its images were made from. */
async function dependencies(
  database: Kysely<Tables>,
  nodes: readonly LineageNode[],
  made: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const byDigest = new Map<string, string>();
  for (const { id, digest } of nodes) {
    const template = made.get(id);
    if (digest !== undefined && template !== undefined) byDigest.set(digest, template);
  }
  const after = new Map<string, Set<string>>();
  const ids = [...made.keys()];
  for (let at = 0; at < ids.length; at += 1000) {
    const rows = await database
      .selectFrom('lineage')
      .selectAll()
      .where('child', 'in', ids.slice(at, at + 1000))
      .execute();
    for (const { child, parent } of rows) {
      const template = made.get(child)!;
      const before = made.get(parent) ?? byDigest.get(parent);
      if (before === undefined || before === template) continue;
      const known = after.get(template) ?? new Set<string>();
      after.set(template, known.add(before));
    }
  }
  return after;
}
