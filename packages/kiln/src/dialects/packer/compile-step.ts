import type { SourceLocation } from '../../base/errors.ts';
import type { Step, StepCache } from '../../plan/step.ts';
import type { ComponentContext } from './component-context.ts';
import { Options } from './options.ts';
import { provisionerReader, unknownProvisioner } from './provisioners/provisioner.ts';
import type { MapNode } from './value-node.ts';

/** A provisioner of a template, as one build has it. */
export interface ProvisionerPart {
  readonly type: string;
  readonly typeAt: SourceLocation;
  /** Its options; those of a later map win over those of an earlier one. */
  readonly maps: readonly MapNode[];
  readonly at: SourceLocation;
  /** Names of the options that every provisioner has in the template's language. */
  readonly metaNames: readonly string[];
  /** What a comment beside it says. */
  readonly cache?: StepCache | undefined;
}

/** A provisioner as a step. Undefined after a mistake that was reported. */
export function compileStep(part: ProvisionerPart, context: ComponentContext): Step | undefined {
  const { type, typeAt, maps, at, metaNames, cache } = part;
  const reader = provisionerReader(type);
  if (!reader) {
    const { message, hint } = unknownProvisioner(type);
    context.problems.error(typeAt, message, hint);
    return undefined;
  }
  const options = new Options(`the ${type} provisioner`, maps, context);
  const name = metaNames.includes('name') ? options.string('name') : undefined;
  const goesOn = metaNames.includes('continue_on_error') && options.boolean('continue_on_error');
  const meta = {
    ...(name !== undefined && { name }),
    pauseBefore: options.duration('pause_before') ?? 0,
    timeout: options.duration('timeout') ?? 0,
    maxRetries: readRetries(options),
    ...(goesOn && { continueOnError: true }),
    ...(cache !== undefined && { cache }),
    at,
  };
  options.skip(...metaNames);
  return reader(options, meta);
}

function readRetries(options: Options): number {
  const retries = options.integer('max_retries') ?? 0;
  if (retries >= 0) return retries;
  options.error('max_retries', `"max_retries" must not be negative, and is ${retries}`);
  return 0;
}
