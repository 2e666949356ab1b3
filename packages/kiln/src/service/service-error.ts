/**
 * A reply that is not what the caller wanted, as ARM says it: `{error: {code, message, target, details}}`.
 * Codes are those of field use: ResourceNotFound, ValidationFailed, Conflict, OperationNotAllowed, AuthorizationFailed…
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  readonly code: string;
  readonly target: string | undefined;
  readonly details: readonly { readonly code: string; readonly message: string; readonly target?: string }[];

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly target?: string; readonly details?: ServiceError['details'] } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.target = more.target;
    this.details = more.details ?? [];
  }
}
