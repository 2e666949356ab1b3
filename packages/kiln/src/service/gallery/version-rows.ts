import type { Kysely, Selectable } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { Tables } from '../database/tables.ts';
import { ServiceError } from '../service-error.ts';
import { versionNumbers } from './arm-ids.ts';
import { newArmColumns, resourceBody } from './arm-resource.ts';
import type { Body } from './body/read-body.ts';
import type { DefinitionRow } from './definitions.ts';
import type { ReplicaTable } from './gallery-tables.ts';
import type { VersionRow } from './latest.ts';
import { regionBody, type TargetRegion } from './target-regions.ts';

export type ReplicaRow = Selectable<ReplicaTable>;

export interface NewVersion {
  readonly definition: DefinitionRow;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Body;
  readonly regions: readonly TargetRegion[];
  readonly digest: string;
  readonly virtualSize: number;
  readonly bytes: number;
  readonly pin: string;
  readonly runId?: string;
  /** What it was made from: ids, digests, names. */
  readonly parents: readonly string[];
  /** False while its bytes are still to be brought to its regions. */
  readonly ready: boolean;
  readonly caller: Caller;
  readonly now: Date;
}

/** Writes a version with its replicas and descent. To be called in a transaction that holds the definition's row. */
export async function insertVersion(database: Kysely<Tables>, made: NewVersion): Promise<VersionRow> {
  const { definition, name, now, properties, ready } = made;
  const [major, minor, patch] = versionNumbers(name);
  const profile = (properties['publishingProfile'] as Body | undefined) ?? {};
  const row = await database
    .insertInto('image_versions')
    .values({
      ...newArmColumns(
        {
          id: `${definition.arm_id}/versions/${name}`,
          name,
          location: made.location,
          tags: made.tags,
          properties,
        },
        made.caller,
        now,
      ),
      definition_id: definition.id,
      ...{ major, minor, patch },
      excluded: profile['excludeFromLatest'] === true,
      state: ready ? 'Succeeded' : 'Creating',
      digest: made.digest,
      virtual_size: made.virtualSize,
      bytes: made.bytes,
      pin: made.pin,
      run_id: made.runId ?? null,
      published_at: ready ? now : null,
      end_of_life: endOfLife(profile),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await database
    .insertInto('version_replicas')
    .values(made.regions.map((one) => replicaRow(row.id, one, ready)))
    .execute();
  await writeDescent(database, row.id, made.parents);
  return row;
}

/** Says what something was made from. */
export async function writeDescent(
  database: Kysely<Tables>,
  child: string,
  parents: readonly string[],
): Promise<void> {
  const all = [...new Set(parents.map(parentKey))];
  if (all.length === 0) return;
  await database
    .insertInto('lineage')
    .values(all.map((parent) => ({ child, parent })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A parent as the database has it: digests are known by how they begin. */
export function parentKey(text: string): string {
  const key = text.toLowerCase();
  return /^[0-9a-f]{64}$/.test(key) ? `sha256:${key}` : key;
}

export function replicaRow(version: string, one: TargetRegion, ready: boolean): ReplicaRow {
  return {
    version_id: version,
    ...one,
    state: ready ? 'Completed' : 'Unknown',
    progress: ready ? 100 : 0,
    details: '',
  };
}

export function endOfLife(profile: Body): Date | null {
  const { endOfLifeDate } = profile;
  return typeof endOfLifeDate === 'string' ? new Date(endOfLifeDate) : null;
}

/** @throws ServiceError 409 while a version is being deleted, created or updated */
export function demandSettled(version: VersionRow): void {
  if (version.state === 'Succeeded' || version.state === 'Failed') return;
  const doing = { Creating: 'created', Updating: 'updated', Deleting: 'deleted' }[version.state];
  throw new ServiceError(409, 'Conflict', `version ${version.name} is being ${doing}; try again later`);
}

const states = { Unknown: 0, Replicating: 1, Completed: 2, Failed: 3 };

/** A version as replies have it. */
export function versionReply(
  row: VersionRow,
  replicas: readonly ReplicaRow[],
  { expand = '', state = row.state }: { readonly expand?: string; readonly state?: string } = {},
) {
  const { publishingProfile, storageProfile, safetyProfile, securityProfile, ...rest } = row.properties;
  const profile = (publishingProfile as Body | undefined) ?? {};
  const storage = (storageProfile as Body | undefined) ?? {};
  const sizeInGB = Math.ceil(Number(row.virtual_size) / 2 ** 30);
  return resourceBody(row, 'Microsoft.Compute/galleries/images/versions', {
    ...rest,
    publishingProfile: {
      replicaCount: 1,
      excludeFromLatest: false,
      storageAccountType: 'Standard_LRS',
      replicationMode: 'Full',
      ...profile,
      targetRegions: replicas.map(regionBody),
      ...(row.published_at && { publishedDate: row.published_at.toISOString() }),
    },
    storageProfile: {
      ...storage,
      osDiskImage: { hostCaching: 'ReadWrite', ...(storage['osDiskImage'] as Body | undefined), sizeInGB },
    },
    safetyProfile: {
      reportedForPolicyViolation: false,
      allowDeletionOfReplicatedLocations: true,
      blockDeletionBeforeEndOfLife: false,
      ...(safetyProfile as Body | undefined),
    },
    ...(securityProfile !== undefined && /uefisettings/i.test(expand) && { securityProfile }),
    ...(/replicationstatus/i.test(expand) && { replicationStatus: replicationStatus(replicas) }),
    provisioningState: state,
  });
}

/** `replicationStatus`, as `$expand` asks for it. */
export function replicationStatus(replicas: readonly ReplicaRow[]) {
  const has = (state: ReplicaRow['state']) => replicas.some((one) => one.state === state);
  const all = replicas.every(({ state }) => state === 'Completed');
  return {
    aggregatedState: has('Failed')
      ? 'Failed'
      : all
        ? 'Completed'
        : has('Replicating')
          ? 'InProgress'
          : 'Unknown',
    summary: replicas
      .toSorted((a, b) => states[a.state] - states[b.state] || (a.name < b.name ? -1 : 1))
      .map(({ name, state, details, progress }) => ({ region: name, state, details, progress })),
  };
}

export function replicasOf(database: Kysely<Tables>, version: string): Promise<ReplicaRow[]> {
  return database
    .selectFrom('version_replicas')
    .selectAll()
    .where('version_id', '=', version)
    .orderBy('region')
    .execute();
}
