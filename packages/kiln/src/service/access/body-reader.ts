import { ServiceError } from '../service-error.ts';
import { type Action, actions } from './actions.ts';

/** Reads members of a JSON body. @throws ServiceError 400 that names the member */
export class BodyReader {
  readonly #body: Readonly<Record<string, unknown>>;

  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new ServiceError(400, 'InvalidRequestContent', 'the body must be a JSON object');
    }
    this.#body = body as Readonly<Record<string, unknown>>;
  }

  text(name: string, { most = 256 }: { readonly most?: number } = {}): string {
    const value = this.optionalText(name, { most });
    if (value === undefined || value === '') throw wrong(name, 'is missing');
    return value;
  }

  optionalText(name: string, { most = 256 }: { readonly most?: number } = {}): string | undefined {
    const value = this.#body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw wrong(name, 'must be a text');
    if (value.length > most) throw wrong(name, `is longer than ${most} characters`);
    return value;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'must be a number');
    return value;
  }

  optionalActions(name: string): readonly Action[] | undefined {
    const value = this.#body[name];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw wrong(name, 'must be a list of actions');
    return value.map((one) => {
      const found = actions.find((action) => action === one);
      if (found === undefined) {
        throw wrong(name, `has ${JSON.stringify(one)}, which is no action; there are ${actions.join(', ')}`);
      }
      return found;
    });
  }

  /** Refuses members that nobody reads: a misspelt limit must not make a token without it. */
  only(...names: readonly string[]): void {
    const other = Object.keys(this.#body).find((name) => !names.includes(name));
    if (other !== undefined) throw wrong(other, `is not known; there are ${names.join(', ')}`);
  }
}

function wrong(name: string, what: string): ServiceError {
  return new ServiceError(400, 'ValidationFailed', `"${name}" ${what}`, { target: name });
}

/** @throws ServiceError 400 for what is no ARM id */
export function checkScope(scope: string, name: string): string {
  if (scope === '/' || /^(?:\/[\w.()-]+){2,}\/?$/.test(scope)) return scope;
  throw wrong(name, 'must be "/" or an ARM id such as /subscriptions/ID/resourceGroups/NAME');
}
