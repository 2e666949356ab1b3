import { ServiceError } from '../service-error.ts';

/** Deeper than any template; what is deeper only means to exhaust a stack. */
const deepest = 64;

/**
 * The JSON of a body; undefined for an empty one.
 * @throws ServiceError 400 InvalidRequestContent
 */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw refused(`the body is not JSON: ${(error as Error).message}`);
  }
  check(value, 0);
  return value;
}

function check(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    // The database has no such characters in its texts.
    if (value.includes('\0')) throw refused('a text of the body has a NUL character');
    if (!value.isWellFormed()) throw refused('a text of the body has half of a character');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > deepest) throw refused(`the body is nested deeper than ${deepest} levels`);
  if (Array.isArray(value)) {
    for (const inner of value) check(inner, depth + 1);
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    // Merging objects by names must never reach what all objects inherit from.
    if (name === '__proto__') throw refused('the body has a member "__proto__"');
    if (name.includes('\0') || !name.isWellFormed())
      throw refused('a name of the body has a NUL, or half a character');
    check(inner, depth + 1);
  }
}

function refused(message: string): ServiceError {
  return new ServiceError(400, 'InvalidRequestContent', message);
}
