import type { Caller } from '../access/caller.ts';
import type { RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';

type Tags = Readonly<Record<string, string>>;

/** Columns that all ARM resources have. */
export interface ArmRow {
  readonly id: string;
  readonly arm_id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
  readonly changed_at: Date;
  readonly created_by: string;
  readonly changed_by: string;
}

/** A resource as replies have it. */
export function resourceBody(row: ArmRow, type: string, properties: Readonly<Record<string, unknown>>) {
  return {
    id: row.arm_id,
    name: row.name,
    type,
    location: row.location,
    tags: row.tags,
    properties,
    systemData: {
      createdBy: row.created_by,
      createdByType: 'User',
      createdAt: row.created_at.toISOString(),
      lastModifiedBy: row.changed_by,
      lastModifiedByType: 'User',
      lastModifiedAt: row.changed_at.toISOString(),
    },
  };
}

/** Columns of a resource that is made now. */
export function newArmColumns(
  made: {
    readonly id: string;
    readonly name: string;
    readonly location: string;
    readonly tags: Tags;
    readonly properties: unknown;
  },
  caller: Caller,
  now: Date,
) {
  return {
    id: made.id.toLowerCase(),
    arm_id: made.id,
    name: made.name,
    location: made.location,
    tags: JSON.stringify(made.tags),
    properties: JSON.stringify(made.properties),
    created_at: now,
    changed_at: now,
    created_by: caller.name,
    changed_by: caller.name,
  };
}

/** A parameter of the path; routes have it always. */
export function param(request: RouteRequest, name: string): string {
  return request.params[name] ?? '';
}

export function notFound(what: string, name: string): ServiceError {
  return new ServiceError(404, 'ResourceNotFound', `there is no ${what} "${name}"`);
}

export function parentNotFound(what: string, name: string): ServiceError {
  return new ServiceError(404, 'ParentResourceNotFound', `there is no ${what} "${name}"; create it first`);
}

/** @throws ServiceError 409 PropertyChangeNotAllowed when a value that is fixed would change */
export function keepFixed(name: string, before: unknown, after: unknown): void {
  if (after === undefined || JSON.stringify(before) === JSON.stringify(after)) return;
  throw new ServiceError(
    409,
    'PropertyChangeNotAllowed',
    `"${name}" cannot be changed after creation; it is ${JSON.stringify(before)}`,
    { target: name },
  );
}

export function tagsOf(body: Readonly<Record<string, unknown>>): Tags {
  return (body['tags'] as Tags | undefined) ?? {};
}

export function propertiesOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return (body['properties'] as Readonly<Record<string, unknown>> | undefined) ?? {};
}
