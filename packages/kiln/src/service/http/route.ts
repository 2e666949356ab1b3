import type { Readable } from 'node:stream';
import type { Action } from '../access/actions.ts';
import type { Caller } from '../access/caller.ts';

/** What a handler is given: names as the path has them, and who asks. */
export interface RouteRequest {
  readonly caller: Caller;
  /** Named parts of the path, as written by the caller; names of resources are compared without regard to case. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The parsed JSON; undefined without a body, and for routes that take a stream. */
  readonly body: unknown;
  /** The body of routes with `takes: 'stream'`. */
  readonly stream?: Readable;
  /** Of this request, for logs, operations and `x-ms-request-id`. */
  readonly requestId: string;
  /** `x-ms-client-request-id`, or `requestId`: repeated requests with the same one do their work once. */
  readonly clientRequestId: string;
  /** Scheme, host and port by which the caller reached the service, for links in replies. */
  readonly origin: string;
  readonly signal: AbortSignal;
}

/** Sent as JSON, but for streams and strings. */
export interface RouteReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * One method of one path. The frame knows the caller, checks `action` at `scope`, and only then calls `handle`: a route
 * without an action cannot be written, so that nothing is open by mistake.
 */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE' | 'HEAD';
  /** With names in braces, as `/subscriptions/{subscription}/resourceGroups/{group}`; matched without regard to case. */
  readonly path: string;
  /** `public`: open to all, for what clients ask before they sign in. `signed-in`: any caller; lists show what they may read. */
  readonly action: Action | 'public' | 'signed-in';
  /** ARM id at which the action is asked for; by default the path up to the last named resource. */
  readonly scope?: (params: Readonly<Record<string, string>>) => string;
  /** `api-version`s of ARM that the route speaks; undefined for routes of `/api/v1` and others. */
  readonly apiVersions?: readonly string[];
  readonly takes?: 'json' | 'stream';
  /** For the OpenAPI document. */
  readonly summary: string;
  readonly handle: (request: RouteRequest) => Promise<RouteReply>;
}
