import type { Selectable } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { Tables } from '../database/tables.ts';
import { notYet } from '../http/long-running.ts';
import type { RunRecord } from '../runs/runs.ts';

export type TemplateRow = Selectable<Tables['image_templates']>;

/** What other tables know of a template. */
export interface TemplateSurroundings {
  readonly run?: RunRecord;
  /** What the last run took as its source. */
  readonly exactSource?: string;
  /** Name of the group of what is temporary, while there is one. */
  readonly staging?: string;
  /** Ids of the template's identities, by ARM id in lower case. */
  readonly identities: ReadonlyMap<string, { readonly principalId: string; readonly clientId: string }>;
}

/** An image template as replies have it. */
export function templateBody(
  row: TemplateRow,
  { run, exactSource, staging, identities }: TemplateSurroundings,
  provisioningState: 'Creating' | 'Succeeded' = 'Succeeded',
): Record<string, unknown> {
  const { identity, tags, location, properties } = row.body;
  const source =
    exactSource === undefined ? properties.source : { ...properties.source, exactVersion: exactSource };
  const named = Object.keys(identity?.userAssignedIdentities ?? {});
  return {
    id: row.arm_id,
    name: row.name,
    type: 'Microsoft.VirtualMachineImages/imageTemplates',
    location,
    tags: tags ?? {},
    ...(identity && {
      identity: {
        type: identity.type,
        ...(named.length > 0 && {
          userAssignedIdentities: Object.fromEntries(
            named.map((id) => [id, identities.get(id.toLowerCase()) ?? {}]),
          ),
        }),
      },
    }),
    properties: {
      ...properties,
      source,
      exactStagingResourceGroup: stagingId(row, staging),
      provisioningState,
      ...(run && { lastRunStatus: runStatus(run) }),
    },
    systemData: {
      createdBy: row.created_by_name,
      createdByType: row.created_by_type,
      createdAt: armTime(row.created_at),
      lastModifiedBy: row.changed_by_name,
      lastModifiedByType: row.changed_by_type,
      lastModifiedAt: armTime(row.changed_at),
    },
  };
}

/** As ARM names who made something. */
export function callerType(caller: Caller): string {
  if (caller.kind === 'user') return 'User';
  return caller.kind === 'managed-identity' ? 'ManagedIdentity' : 'Application';
}

function runStatus({ state, subState, message, startedAt, endedAt }: RunRecord): Record<string, unknown> {
  return {
    startTime: armTime(startedAt),
    endTime: endedAt ? armTime(endedAt) : notYet,
    runState: state,
    ...(subState !== undefined && { runSubState: subState }),
    message,
  };
}

/** With the seven digits of fractions that ARM has. */
function armTime(at: Date): string {
  return at.toISOString().replace('Z', '0000Z');
}

function stagingId(row: TemplateRow, staging: string | undefined): string {
  const own = row.body.properties.stagingResourceGroup ?? '';
  if (own !== '') return own;
  const subscription = /^\/subscriptions\/[^/]+/i.exec(row.arm_id)?.[0] ?? '';
  return staging === undefined ? '' : `${subscription}/resourceGroups/${staging}`;
}
