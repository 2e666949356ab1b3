import { apiVersions } from '../../dialects/azure/model/api-version.ts';
import type { Route } from '../http/route.ts';
import type { Runs } from '../runs/runs.ts';
import type { ServiceContext } from '../service-context.ts';
import { findTemplate } from './find-template.ts';
import { listTemplates } from './list-templates.ts';
import { providerOperations } from './provider-operations.ts';
import { patchTemplate, putTemplate } from './put-template.ts';
import { readSurroundings } from './read-surroundings.ts';
import { getRunOutput, listRunOutputs } from './run-outputs.ts';
import { cancelTemplate, deleteTemplate, runTemplate } from './run-template.ts';
import { templateBody } from './template-body.ts';
import { templateIdOf, templatePath } from './template-ids.ts';

const group = '/subscriptions/{subscription}/resourceGroups/{group}';
const folder = 'providers/Microsoft.VirtualMachineImages/imageTemplates';

/** Image templates, their runs and what these distribute. Triggers are in `triggers/`. */
export function routesOfTemplates(context: ServiceContext, runs: Runs): readonly Route[] {
  const { database, operations } = context;
  // A run that was asked to end has ended in whatever way: then the cancelling has succeeded.
  operations.follow('end-of-run', async (id) => {
    const run = await runs.get(id);
    if (!run) return { status: 'Succeeded' };
    return run.endedAt ? { status: 'Succeeded', endedAt: run.endedAt } : { status: 'InProgress' };
  });
  return [
    {
      method: 'GET',
      path: '/providers/Microsoft.VirtualMachineImages/operations',
      action: 'signed-in',
      apiVersions,
      summary: 'What can be done with image templates',
      handle: async () => ({ status: 200, body: { value: providerOperations } }),
    },
    {
      method: 'GET',
      path: `/subscriptions/{subscription}/${folder}`,
      action: 'signed-in',
      apiVersions,
      summary: 'Image templates of a subscription',
      handle: async (request) => {
        const scope = `/subscriptions/${request.params['subscription']}`;
        return listTemplates(context, request, scope, `${scope}/${folder}`);
      },
    },
    {
      method: 'GET',
      path: `${group}/${folder}`,
      action: 'signed-in',
      apiVersions,
      summary: 'Image templates of a resource group',
      handle: async (request) => {
        const { subscription, group: name } = request.params;
        const scope = `/subscriptions/${subscription}/resourceGroups/${name}`;
        return listTemplates(context, request, scope, `${scope}/${folder}`);
      },
    },
    {
      method: 'GET',
      path: templatePath,
      action: 'templates/read',
      apiVersions,
      summary: 'An image template with the state of its last run',
      handle: async (request) => {
        const row = await findTemplate(database, templateIdOf(request), true);
        const about = await readSurroundings(database, [row]);
        return { status: 200, body: templateBody(row, about(row)) };
      },
    },
    {
      method: 'PUT',
      path: templatePath,
      action: 'templates/write',
      apiVersions,
      summary: 'Makes an image template',
      handle: (request) => putTemplate(context, runs, request),
    },
    {
      method: 'PATCH',
      path: templatePath,
      action: 'templates/write',
      apiVersions,
      summary: 'Changes identity, tags, targets or machine of an image template',
      handle: (request) => patchTemplate(context, request),
    },
    {
      method: 'DELETE',
      path: templatePath,
      action: 'templates/delete',
      apiVersions,
      summary: 'Deletes an image template that is not running',
      handle: (request) => deleteTemplate(context, runs, request),
    },
    {
      method: 'POST',
      path: `${templatePath}/run`,
      action: 'templates/run',
      apiVersions,
      summary: 'Builds an image of a template and distributes it',
      handle: (request) => runTemplate(context, runs, request),
    },
    {
      method: 'POST',
      path: `${templatePath}/cancel`,
      action: 'templates/cancel',
      apiVersions,
      summary: "Ends a template's run",
      handle: (request) => cancelTemplate(context, runs, request),
    },
    {
      method: 'GET',
      path: `${templatePath}/runOutputs`,
      action: 'runs/read',
      scope: scopeOfTemplate,
      apiVersions,
      summary: 'What runs of a template have distributed',
      handle: (request) => listRunOutputs(context, request),
    },
    {
      method: 'GET',
      path: `${templatePath}/runOutputs/{output}`,
      action: 'runs/read',
      scope: scopeOfTemplate,
      apiVersions,
      summary: 'One thing that runs of a template have distributed',
      handle: (request) => getRunOutput(context, request),
    },
  ];
}

function scopeOfTemplate(params: Readonly<Record<string, string>>): string {
  return templatePath.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => params[name] ?? '');
}
