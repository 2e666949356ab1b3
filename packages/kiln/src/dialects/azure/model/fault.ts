import { shortened } from '../../../base/shorten.ts';

/** Codes of Azure's own errors for templates: those of the service, and those of `provisioningError`. */
export type FaultCode =
  | 'ValidationFailed'
  | 'BadSourceType'
  | 'BadPIRSource'
  | 'BadManagedImageSource'
  | 'BadSharedImageVersionSource'
  | 'BadCustomizerType'
  | 'UnsupportedCustomizerType'
  | 'NoCustomizerScript'
  | 'BadValidatorType'
  | 'UnsupportedValidatorType'
  | 'NoValidatorScript'
  | 'BadDistributeType'
  | 'BadSharedImageDistribute'
  | 'BadStagingResourceGroup';

/** Names of fields and indices of lists, from the outermost object on. */
export type JsonPath = readonly (string | number)[];

/** One thing to say about a template. An error keeps it from being taken, a warning does not. */
export interface Fault {
  readonly severity: 'error' | 'warning';
  readonly path: JsonPath;
  /** Written as `properties.customize[0].scriptUri`; empty for the template itself. */
  readonly place: string;
  readonly code: FaultCode;
  readonly message: string;
  readonly hint?: string;
}

/** Collects what there is to say. */
export class Faults {
  readonly #found: Fault[] = [];

  error(path: JsonPath, code: FaultCode, message: string, hint?: string): void {
    this.#add('error', path, code, message, hint);
  }

  warning(path: JsonPath, message: string, hint?: string): void {
    this.#add('warning', path, 'ValidationFailed', message, hint);
  }

  get hasErrors(): boolean {
    return this.#found.some(({ severity }) => severity === 'error');
  }

  /** Whether something in this part is wrong already: what else is amiss there may be a consequence. */
  hasErrorIn(path: JsonPath): boolean {
    return this.#found.some(
      (one) => one.severity === 'error' && path.every((part, index) => one.path[index] === part),
    );
  }

  list(): readonly Fault[] {
    return this.#found;
  }

  #add(severity: Fault['severity'], path: JsonPath, code: FaultCode, message: string, hint?: string): void {
    this.#found.push({
      severity,
      path,
      place: placeOf(path),
      code,
      message: shortened(message),
      ...(hint !== undefined && { hint: shortened(hint) }),
    });
  }
}

export function placeOf(path: JsonPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[\w$-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}
