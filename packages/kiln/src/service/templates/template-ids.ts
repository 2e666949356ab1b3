import type { RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';

/** Names of templates, triggers and run outputs. */
const nameForm = /^[A-Za-z0-9_.-]{1,64}$/;

export const templatePath =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.VirtualMachineImages/imageTemplates/{template}';

/** ARM id of the template that a request names, as the request writes it. */
export function templateIdOf({ params }: RouteRequest): string {
  return templatePath.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => params[name] ?? '');
}

/** @throws ServiceError 400 */
export function checkTemplateName(name: string): void {
  if (nameForm.test(name)) return;
  throw new ServiceError(
    400,
    'ValidationFailed',
    `"${name}" is no name of an image template: 1 to 64 letters, digits, "-", "_" and "."`,
    { target: 'imageTemplateName' },
  );
}

export function noTemplate(id: string): ServiceError {
  return new ServiceError(
    404,
    'ResourceNotFound',
    `there is no image template ${id.split('/').at(-1)} in the resource group ${id.split('/')[4]}`,
  );
}
