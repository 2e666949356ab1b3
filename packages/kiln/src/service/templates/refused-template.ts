import type { Fault } from '../../dialects/azure/model/fault.ts';
import { ServiceError } from '../service-error.ts';

/** What is wrong with a body, all at once: the first in the message, each with its place in the details. */
export function refusedTemplate(faults: readonly Fault[]): ServiceError {
  const errors = faults.filter(({ severity }) => severity === 'error');
  const details = errors.map(({ code, place, message, hint }) => ({
    code,
    target: place,
    message: hint === undefined ? message : `${message}: ${hint}`,
  }));
  const [first] = details;
  const text = first ? withPlace(first) : 'the image template is not valid';
  const unknown = errors[0]?.message.startsWith('unknown field');
  // The words by which clients tell this one from others.
  const message = unknown ? `Unmarshalling entity encountered error: ${text}` : text;
  const rest = details.length > 1 ? ` (and ${details.length - 1} more, see details)` : '';
  return new ServiceError(400, 'ValidationFailed', `${message}${rest}`, {
    ...(first && first.target !== '' && { target: first.target }),
    details,
  });
}

function withPlace({ target, message }: { readonly target: string; readonly message: string }): string {
  return target === '' || message.includes(target) ? message : `${target}: ${message}`;
}
