import { accepted } from '../http/long-running.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import type { Runs } from '../runs/runs.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { findTemplate } from './find-template.ts';
import { templateIdOf } from './template-ids.ts';

/** Begins a run, and says how to follow it. The same request again follows the same run. */
export async function runTemplate(
  context: ServiceContext,
  runs: Runs,
  request: RouteRequest,
): Promise<RouteReply> {
  const row = await findTemplate(context.database, templateIdOf(request), true);
  const run = await runs.start({
    templateId: row.id,
    template: row.body,
    location: row.location,
    cause: 'manual',
    callerId: request.caller.id,
    clientRequestId: request.clientRequestId,
  });
  return follow(context, request, row, { kind: 'run', id: run.id });
}

/**
 * Asks a template's run to end. One that waits is as good as ended, so that there is nothing to follow: 204, as there
 * is when nothing runs.
 */
export async function cancelTemplate(
  context: ServiceContext,
  runs: Runs,
  request: RouteRequest,
): Promise<RouteReply> {
  const row = await findTemplate(context.database, templateIdOf(request), true);
  const before = await runs.last(row.id);
  const run = await runs.cancel(row.id);
  if (!run || before?.subState === 'Queued') return { status: 204 };
  return follow(context, request, row, { kind: 'end-of-run', id: run.id });
}

/** Deletes a template with its runs, which must have ended. */
export async function deleteTemplate(
  context: ServiceContext,
  runs: Runs,
  request: RouteRequest,
): Promise<RouteReply> {
  const row = await findTemplate(context.database, templateIdOf(request));
  if (!row) return { status: 204 };
  try {
    await runs.forget(row.id);
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'OperationNotAllowed')) throw error;
    throw new ServiceError(405, error.code, error.message);
  }
  await context.database.deleteFrom('image_templates').where('id', '=', row.id).execute();
  const operation = await context.operations.begin({
    resourceId: row.arm_id,
    location: row.location,
    provider: 'Microsoft.VirtualMachineImages',
    callerId: request.caller.id,
    ended: { status: 'Succeeded' },
  });
  return accepted(request, operation);
}

async function follow(
  context: ServiceContext,
  request: RouteRequest,
  { arm_id, location }: { readonly arm_id: string; readonly location: string },
  follows: { readonly kind: string; readonly id: string },
): Promise<RouteReply> {
  const operation = await context.operations.begin({
    resourceId: arm_id,
    location,
    provider: 'Microsoft.VirtualMachineImages',
    callerId: request.caller.id,
    follows,
  });
  return accepted(request, operation);
}
