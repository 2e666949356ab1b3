import { deepFreeze } from '../../../plan/freeze.ts';
import { type ApiVersion, newestApiVersion } from './api-version.ts';
import { checkRules, type ReadTemplate } from './check-rules.ts';
import { type Fault, Faults } from './fault.ts';
import type { ImageTemplate } from './image-template.ts';
import { isObject, readShape } from './read-shape.ts';
import { templateShape } from './template-shape.ts';

export type CheckedTemplate =
  | { readonly valid: true; readonly template: ImageTemplate; readonly faults: readonly Fault[] }
  | { readonly valid: false; readonly faults: readonly Fault[] };

/**
 * Checks the body of an image template, as PUT sends it, by the rules of a version of the API: from 2024-02-01 on
 * names count letter by letter and unknown fields are refused; before, case is ignored and unknown fields are left
 * out with a warning. What only the service may say, such as `exactVersion`, is left out silently.
 * Nothing is thrown for a mistake; every one is among the faults. The template is frozen.
 */
export function checkImageTemplate(
  body: unknown,
  { apiVersion = newestApiVersion }: { readonly apiVersion?: ApiVersion } = {},
): CheckedTemplate {
  const faults = new Faults();
  const read = readShape(body, templateShape, [], { apiVersion, faults });
  if (isObject(read)) checkRules(read as ReadTemplate, apiVersion, faults);
  if (faults.hasErrors) return { valid: false, faults: faults.list() };
  // Without an error everything is there, and of its shape.
  const template = read as ImageTemplate;
  const { identity } = template;
  // Identities that are named without a type are meant to be used.
  const whole = identity
    ? { ...template, identity: { ...identity, type: identity.type ?? 'UserAssigned' } }
    : template;
  return { valid: true, template: deepFreeze(whole), faults: faults.list() };
}
