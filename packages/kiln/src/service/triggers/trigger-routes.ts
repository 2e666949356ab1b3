import { apiVersions } from '../../dialects/azure/model/api-version.ts';
import { operationHeaders } from '../http/long-running.ts';
import type { Route, RouteRequest } from '../http/route.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import type { Trigger, Triggers } from './triggers.ts';

const folder =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.VirtualMachineImages/imageTemplates/{template}/triggers';
const nameForm = /^[A-Za-z0-9-_.]{1,64}$/;

/** Triggers as Azure has them (kind SourceImage), those of our own under `/api/v1`, and what webhooks call. */
export function triggerRoutes(context: ServiceContext, triggers: Triggers): readonly Route[] {
  const templateOf = ({ params }: RouteRequest) =>
    `/subscriptions/${params['subscription']}/resourceGroups/${params['group']}/providers/Microsoft.VirtualMachineImages/imageTemplates/${params['template']}`;
  const versions = apiVersions.filter((version) => version >= '2022-07-01');
  const begin = (request: RouteRequest, resourceId: string) =>
    context.operations.begin({
      resourceId,
      location: 'local',
      provider: 'Microsoft.VirtualMachineImages',
      callerId: request.caller.id,
      ended: { status: 'Succeeded' },
    });
  return [
    {
      method: 'GET',
      path: folder,
      action: 'triggers/read',
      apiVersions: versions,
      summary: 'Triggers of an image template',
      handle: async (request) => {
        const all = await triggers.list(templateOf(request));
        return { status: 200, body: { value: all.map((one) => triggerBody(one, templateOf(request))) } };
      },
    },
    {
      method: 'GET',
      path: `${folder}/{trigger}`,
      action: 'triggers/read',
      apiVersions: versions,
      summary: 'A trigger of an image template',
      handle: async (request) => {
        const trigger = await demandTrigger(triggers, templateOf(request), request.params['trigger']);
        return { status: 200, body: triggerBody(trigger, templateOf(request)) };
      },
    },
    {
      method: 'PUT',
      path: `${folder}/{trigger}`,
      action: 'triggers/write',
      apiVersions: versions,
      summary: 'Makes a trigger on the source image of a template, or changes it',
      handle: async (request) => {
        const kind = textAt(request.body, ['properties', 'kind']);
        if (kind !== 'SourceImage') {
          throw new ServiceError(400, 'ValidationFailed', 'a trigger needs properties.kind "SourceImage"', {
            target: 'properties.kind',
          });
        }
        const templateId = templateOf(request);
        const { trigger, created } = await triggers.put({
          templateId,
          name: checkName(request.params['trigger'] ?? ''),
          kind,
          callerId: request.caller.id,
        });
        const operation = await begin(request, `${templateId}/triggers/${trigger.name}`);
        const { location: _location, ...headers } = operationHeaders(request, operation);
        return { status: created ? 201 : 200, headers, body: triggerBody(trigger, templateId) };
      },
    },
    {
      method: 'DELETE',
      path: `${folder}/{trigger}`,
      action: 'triggers/delete',
      apiVersions: versions,
      summary: 'Removes a trigger',
      handle: async (request) => {
        const templateId = templateOf(request);
        const name = request.params['trigger'] ?? '';
        if (!(await triggers.remove(templateId, name))) return { status: 204 };
        const operation = await begin(request, `${templateId}/triggers/${name}`);
        return { status: 202, headers: operationHeaders(request, operation) };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/triggers',
      action: 'signed-in',
      summary: 'Triggers of the template that templateId names, of all kinds',
      handle: async (request) => {
        const templateId = request.query['templateId'] ?? '';
        await context.access.demand(request.caller, 'triggers/read', templateId);
        return { status: 200, body: { value: (await triggers.list(templateId)).map(ownBody) } };
      },
    },
    {
      method: 'PUT',
      path: '/api/v1/triggers/{trigger}',
      action: 'signed-in',
      summary:
        'Makes or changes a trigger: {templateId, kind, cron, timeZone}; replies with the secret of a new webhook',
      handle: async (request) => {
        const templateId = textAt(request.body, ['templateId']) ?? '';
        await context.access.demand(request.caller, 'triggers/write', templateId);
        const kind = textAt(request.body, ['kind']);
        if (kind !== 'Schedule' && kind !== 'Webhook' && kind !== 'SourceImage') {
          throw new ServiceError(400, 'ValidationFailed', 'kind is one of Schedule, Webhook, SourceImage', {
            target: 'kind',
          });
        }
        const timeZone = textAt(request.body, ['timeZone']);
        const { trigger, created, secret } = await triggers.put({
          templateId,
          name: checkName(request.params['trigger'] ?? ''),
          kind,
          schedule: {
            cron: String(valueAt(request.body, ['cron']) ?? ''),
            ...(timeZone !== undefined && { timeZone }),
          },
          callerId: request.caller.id,
        });
        return {
          status: created ? 201 : 200,
          body: {
            ...ownBody(trigger),
            ...(secret !== undefined && { secret, url: `${request.origin}/api/v1/webhooks/${trigger.id}` }),
          },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/triggers/{trigger}',
      action: 'signed-in',
      summary: 'Removes a trigger of the template that templateId names',
      handle: async (request) => {
        const templateId = request.query['templateId'] ?? '';
        await context.access.demand(request.caller, 'triggers/delete', templateId);
        return { status: (await triggers.remove(templateId, request.params['trigger'] ?? '')) ? 200 : 204 };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/webhooks/{trigger}',
      // Whoever has the secret may: it is asked for in x-kiln-secret (or GitLab's x-gitlab-token).
      action: 'public',
      summary: 'Starts a run of the template that a webhook belongs to; its secret goes into x-kiln-secret',
      handle: async (request) => {
        const { headers } = request;
        const secret = headers['x-kiln-secret'] ?? headers['x-gitlab-token'] ?? '';
        const event =
          headers['x-github-delivery'] ?? headers['x-gitlab-event-uuid'] ?? request.clientRequestId;
        const runId = await triggers.webhook(
          request.params['trigger'] ?? '',
          secret,
          `call ${event.slice(0, 200)}`,
        );
        return { status: 202, body: runId === undefined ? { started: false } : { started: true, runId } };
      },
    },
  ];
}

function checkName(name: string): string {
  if (nameForm.test(name)) return name;
  throw new ServiceError(
    400,
    'ValidationFailed',
    `"${name}" is no name of a trigger: up to 64 of A-Z a-z 0-9 - _ .`,
  );
}

async function demandTrigger(triggers: Triggers, templateId: string, name = ''): Promise<Trigger> {
  const trigger = await triggers.find(templateId, name);
  if (trigger) return trigger;
  throw new ServiceError(404, 'ResourceNotFound', `the image template has no trigger ${name}`);
}

function triggerBody(trigger: Trigger, templateId: string): object {
  return {
    id: `${templateId}/triggers/${trigger.name}`,
    name: trigger.name,
    type: 'Microsoft.VirtualMachineImages/imageTemplates/triggers',
    properties: {
      kind: trigger.kind,
      status: statusOf(trigger),
      provisioningState: 'Succeeded',
    },
  };
}

function ownBody(trigger: Trigger): object {
  return {
    id: trigger.id,
    name: trigger.name,
    templateId: trigger.template_id,
    kind: trigger.kind,
    ...(JSON.parse(trigger.settings) as object),
    ...(trigger.next_at && { nextAt: trigger.next_at.toISOString() }),
    failures: trigger.failures,
    status: statusOf(trigger),
  };
}

function statusOf({ state, status_message, status_at }: Trigger): object {
  return { code: state, message: status_message, time: status_at.toISOString() };
}
