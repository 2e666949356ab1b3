import type { Selectable } from 'kysely';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import type { RunOutputRow } from '../runs/run-tables.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { findTemplate } from './find-template.ts';
import { templateIdOf } from './template-ids.ts';

/** What runs of a template have distributed: the newest of each name. */
export async function listRunOutputs(
  { database }: ServiceContext,
  request: RouteRequest,
): Promise<RouteReply> {
  const row = await findTemplate(database, templateIdOf(request), true);
  const outputs = await database
    .selectFrom('run_outputs')
    .selectAll()
    .distinctOn('name')
    .where('template_id', '=', row.id)
    .orderBy('name')
    .orderBy('updated_at', 'desc')
    .execute();
  return { status: 200, body: { value: outputs.map((one) => outputBody(row.arm_id, one)) } };
}

export async function getRunOutput({ database }: ServiceContext, request: RouteRequest): Promise<RouteReply> {
  const row = await findTemplate(database, templateIdOf(request), true);
  const name = request.params['output'] ?? '';
  const output = await database
    .selectFrom('run_outputs')
    .selectAll()
    .where('template_id', '=', row.id)
    .where(({ eb, fn }) => eb(fn<string>('lower', ['name']), '=', name.toLowerCase()))
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (output) return { status: 200, body: outputBody(row.arm_id, output) };
  throw new ServiceError(404, 'ResourceNotFound', `the image template ${row.name} has no run output ${name}`);
}

const provisioningStates = {
  Running: 'Creating',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Canceled: 'Canceled',
} as const;

function outputBody(templateId: string, output: Selectable<RunOutputRow>): Record<string, unknown> {
  return {
    id: `${templateId}/runOutputs/${output.name}`,
    name: output.name,
    type: 'Microsoft.VirtualMachineImages/imageTemplates/runOutputs',
    properties: {
      ...(output.artifact_id !== null && { artifactId: output.artifact_id }),
      ...(output.artifact_uri !== null && { artifactUri: output.artifact_uri }),
      provisioningState: provisioningStates[output.state],
    },
  };
}
