import { sql } from 'kysely';
import type { ApiVersion } from '../../dialects/azure/model/api-version.ts';
import { checkImageTemplate } from '../../dialects/azure/model/check-image-template.ts';
import type { ImageTemplate } from '../../dialects/azure/model/image-template.ts';
import { patchImageTemplate } from '../../dialects/azure/model/patch-image-template.ts';
import { withDefaults } from '../../dialects/azure/model/with-defaults.ts';
import type { Caller } from '../access/caller.ts';
import { json } from '../database/columns.ts';
import { operationHeaders } from '../http/long-running.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import type { Runs } from '../runs/runs.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { findTemplate } from './find-template.ts';
import { readSurroundings } from './read-surroundings.ts';
import { refusedTemplate } from './refused-template.ts';
import { callerType, type TemplateRow, templateBody } from './template-body.ts';
import { checkTemplateName, templateIdOf } from './template-ids.ts';

/**
 * Makes a template. One that is there is not replaced, as Azure does not; the same request again is answered the same.
 * With `autoRun` it is run at once.
 */
export async function putTemplate(
  context: ServiceContext,
  runs: Runs,
  request: RouteRequest,
): Promise<RouteReply> {
  const { database, log } = context;
  const apiVersion = request.query['api-version'] as ApiVersion;
  const armId = templateIdOf(request);
  const name = request.params['template'] ?? '';
  checkTemplateName(name);
  const checked = checkImageTemplate(request.body ?? null, { apiVersion });
  if (!checked.valid) throw refusedTemplate(checked.faults);
  const body = withDefaults(checked.template, { apiVersion });
  await demandIdentities(context, request.caller, body);
  const now = context.now();
  const inserted = await database
    .insertInto('image_templates')
    .values({
      id: armId.toLowerCase(),
      arm_id: armId,
      name,
      location: body.location.replaceAll(' ', '').toLowerCase(),
      body: json(body),
      api_version: apiVersion,
      created_at: now,
      created_by: request.caller.id,
      created_by_name: request.caller.name,
      created_by_type: callerType(request.caller),
      changed_at: now,
      changed_by_name: request.caller.name,
      changed_by_type: callerType(request.caller),
      client_request_id: request.clientRequestId,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  const row = inserted ?? (await sameRequest(context, request, armId));
  if (inserted && body.properties.autoRun?.state === 'Enabled') {
    try {
      await runs.start({
        templateId: row.id,
        template: row.body,
        location: row.location,
        cause: 'autoRun',
        callerId: request.caller.id,
        clientRequestId: `autoRun ${request.clientRequestId}`,
      });
    } catch (error) {
      log.error({ template: row.id, message: String(error) }, 'a template could not be run by itself');
    }
  }
  const operation = await context.operations.begin({
    resourceId: armId,
    location: row.location,
    provider: 'Microsoft.VirtualMachineImages',
    callerId: request.caller.id,
    ended: { status: 'Succeeded' },
  });
  const { location: _location, ...headers } = operationHeaders(request, operation);
  const about = await readSurroundings(database, [row]);
  return { status: 201, headers, body: templateBody(row, about(row), 'Creating') };
}

async function sameRequest(
  context: ServiceContext,
  request: RouteRequest,
  armId: string,
): Promise<TemplateRow> {
  const row = await findTemplate(context.database, armId);
  if (row && row.client_request_id === request.clientRequestId && row.created_by === request.caller.id)
    return row;
  throw new ServiceError(
    409,
    'Conflict',
    'Update/Upgrade of image templates is currently not supported: delete the image template first, or change it by PATCH',
  );
}

/** Changes what can be changed of a template; runs that go on keep what they began with. */
export async function patchTemplate(context: ServiceContext, request: RouteRequest): Promise<RouteReply> {
  const { database } = context;
  const apiVersion = request.query['api-version'] as ApiVersion;
  const armId = templateIdOf(request);
  for (;;) {
    const before = await findTemplate(database, armId, true);
    const checked = patchImageTemplate(before.body, request.body ?? {}, { apiVersion });
    if (!checked.valid) throw refusedTemplate(checked.faults);
    const body = withDefaults(checked.template, { apiVersion });
    await demandIdentities(context, request.caller, body, before.body);
    const now = context.now();
    const row = await database
      .updateTable('image_templates')
      .set({
        body: json(body),
        changed_at: now,
        changed_by_name: request.caller.name,
        changed_by_type: callerType(request.caller),
      })
      .where('id', '=', before.id)
      // Two changes at once are made one after the other.
      .where(sql<boolean>`body = ${json(before.body)}::jsonb`)
      .returningAll()
      .executeTakeFirst();
    if (!row) continue;
    const about = await readSurroundings(database, [row]);
    return { status: 200, body: templateBody(row, about(row)) };
  }
}

/**
 * Who names an identity lets builds do what that identity may, so that it takes the right to assign it; also for one
 * that is not there yet, since it may be made later.
 */
async function demandIdentities(
  { access }: ServiceContext,
  caller: Caller,
  template: ImageTemplate,
  before?: ImageTemplate,
): Promise<void> {
  const had = new Set(identitiesOf(before));
  for (const id of new Set(identitiesOf(template))) {
    if (!had.has(id)) await access.demand(caller, 'identities/assign', id);
  }
}

function identitiesOf(template: ImageTemplate | undefined): readonly string[] {
  const ids = [
    ...Object.keys(template?.identity?.userAssignedIdentities ?? {}),
    ...(template?.properties.vmProfile?.userAssignedIdentities ?? []),
  ];
  return ids.map((id) => id.toLowerCase());
}
