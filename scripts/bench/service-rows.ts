import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from '../../packages/kiln/src/service/database/tables.ts';

export const subscription = '0a1b2c3d-0000-4000-8000-000000000001';

export interface Amounts {
  readonly templates: number;
  readonly versions: number;
  readonly runs: number;
}

/** Groups, and galleries in each: what templates and versions are spread over. */
export const groups = 100;
export const definitionsOfGallery = 10;

/** Fills the tables in a few statements; 100 groups have one gallery with ten images each. */
export async function fillTables(database: Kysely<Tables>, amounts: Amounts): Promise<void> {
  const { templates, versions, runs } = amounts;
  const root = `/subscriptions/${subscription}/resourcegroups/group`;
  const compute = 'providers/microsoft.compute/galleries/gallery';
  const builder = 'providers/microsoft.virtualmachineimages/imagetemplates/template';
  const made = "now(), now(), 'bench', 'bench'";
  const definitions = groups * definitionsOfGallery;
  const perDefinition = Math.ceil(versions / definitions);
  const body = JSON.stringify({
    location: 'westeurope',
    tags: {},
    identity: { type: 'None' },
    properties: {
      source: {
        type: 'PlatformImage',
        publisher: 'debian',
        offer: 'debian-12',
        sku: '12',
        version: 'latest',
      },
      customize: [{ type: 'Shell', name: 'setup', inline: ['apt-get update', 'apt-get install -y nginx'] }],
      distribute: [{ type: 'VHD', runOutputName: 'disk', artifactTags: {} }],
    },
  });
  const gallery = `'${root}' || g || '/${compute}' || g`;
  const definition = `'${root}' || d / ${definitionsOfGallery} || '/${compute}' || d / ${definitionsOfGallery} || '/images/image' || d`;
  const template = `'${root}' || t % ${groups} || '/${builder}' || t`;
  const statements = [
    `insert into resource_groups (id, arm_id, name, location, tags, created_at)
       select '${root}' || g, '${root}' || g, 'group' || g, 'westeurope', '{}', now() from generate_series(0, ${groups - 1}) g`,
    `insert into image_templates (id, arm_id, name, location, body, api_version, created_at, created_by,
       created_by_name, created_by_type, changed_at, changed_by_name, changed_by_type, client_request_id)
       select ${template}, ${template}, 'template' || t, 'westeurope', '${body.replaceAll("'", "''")}', '2025-10-01',
       now(), 'bench', 'bench', 'User', now(), 'bench', 'User', 'request' || t from generate_series(0, ${templates - 1}) t`,
    `insert into galleries (id, arm_id, name, location, tags, properties, created_at, changed_at, created_by, changed_by,
       subscription, resource_group)
       select ${gallery}, ${gallery}, 'gallery' || g, 'westeurope', '{}', '{}', ${made}, '${subscription}', 'group' || g
       from generate_series(0, ${groups - 1}) g`,
    `insert into image_definitions (id, arm_id, name, location, tags, properties, created_at, changed_at, created_by,
       changed_by, gallery_id, triplet, policy)
       select ${definition}, ${definition}, 'image' || d, 'westeurope', '{}',
       '{"osType":"Linux","osState":"Generalized","hyperVGeneration":"V1"}', ${made},
       '${root}' || d / ${definitionsOfGallery} || '/${compute}' || d / ${definitionsOfGallery}, 'a/b/' || d, '{}'
       from generate_series(0, ${definitions - 1}) d`,
    `insert into image_versions (id, arm_id, name, location, tags, properties, created_at, changed_at, created_by,
       changed_by, definition_id, major, minor, patch, excluded, state, digest, virtual_size, bytes, pin, published_at)
       select ${definition} || '/versions/1.0.' || v, ${definition} || '/versions/1.0.' || v, '1.0.' || v, 'westeurope',
       '{}', '{}', ${made}, ${definition}, 1, 0, v, false, 'Succeeded', md5(d || '.' || v) || md5(v || '.' || d),
       2147483648, 1073741824, 'service/' || md5(d || '/' || v) || ':pin', now()
       from generate_series(0, ${definitions - 1}) d, generate_series(1, ${perDefinition}) v`,
    `insert into version_replicas (version_id, region, name, replicas, storage, excluded, state, progress, details)
       select id, region, region, 1, 'Standard_LRS', false, 'Completed', 100, ''
       from image_versions, (values ('westeurope'), ('northeurope')) as regions (region)`,
    "insert into lineage (child, parent) select id, 'debian/12' from image_versions",
    `insert into runs (id, template_id, template, location, cause, caller_id, client_request_id, state, sub_state,
       message, queued_at, started_at, ended_at, cpus, memory_mib, fence, attempts)
       select 'run-' || r, ${template}, '{}', 'westeurope', 'manual',
       'bench', 'request' || r, 'Succeeded', 'Distributing', '', now() - r * interval '1 second', now(), now(), 1, 1024, 1, 1
       from (select r, r % ${templates} as t from generate_series(0, ${runs - 1}) r) every`,
    'analyze',
  ];
  for (const statement of statements) await sql.raw(statement).execute(database);
}
