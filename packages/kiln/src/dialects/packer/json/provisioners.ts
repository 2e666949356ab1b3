import { didYouMean } from '../../../base/suggest.ts';
import type { Step, StepCache } from '../../../plan/step.ts';
import { compileStep } from '../compile-step.ts';
import type { ComponentContext } from '../component-context.ts';
import { type AppliesTo, readOnlyExcept } from '../only-except.ts';
import type { Problems } from '../problems.ts';
import { describeNode, entryOf, type MapNode } from '../value-node.ts';
import { buildNames, type JsonBuilder, readText } from './builders.ts';

export interface JsonProvisioner {
  readonly map: MapNode;
  readonly type: string;
  readonly appliesTo: AppliesTo;
  readonly cache?: StepCache | undefined;
}

const metaNames = [
  'type',
  'only',
  'except',
  'override',
  'pause_before',
  'max_retries',
  'timeout',
  'continue_on_error',
];

/** What a provisioner says about itself, the same for all builds. Undefined after a mistake that was reported. */
export function readProvisioner(
  map: MapNode,
  builders: readonly JsonBuilder[],
  problems: Problems,
): JsonProvisioner | undefined {
  const names = builders.map(({ rawName }) => rawName);
  const appliesTo = readOnlyExcept(map, buildNames(builders), problems);
  const type = readText(map, 'type', problems);
  if (type === undefined) {
    if (!entryOf(map, 'type')) problems.error(map.at, 'the provisioner has no "type"', 'such as "shell"');
    return undefined;
  }
  const goesOn = entryOf(map, 'continue_on_error');
  if (goesOn) {
    const hint = 'Packer refuses this template';
    problems.warn(goesOn.keyAt, 'Packer knows "continue_on_error" in HCL2 templates only', hint);
  }
  const override = entryOf(map, 'override')?.value;
  if (override?.kind === 'map') {
    for (const { key, keyAt, value } of override.entries) {
      if (!names.includes(key)) {
        problems.error(
          keyAt,
          `"override" names the builder "${key}", which does not exist`,
          didYouMean(key, names),
        );
      }
      if (value.kind !== 'map') {
        problems.error(value.at, `an override must be an object of options, not ${describeNode(value)}`);
      }
    }
  } else if (override && override.kind !== 'null') {
    problems.error(
      override.at,
      `"override" must be an object of builders' names, not ${describeNode(override)}`,
    );
  }
  return { map, type, appliesTo };
}

/** A provisioner as a step of one build. Undefined when it is not for this build, or after a mistake. */
export function compileProvisioner(
  { map, type, appliesTo, cache }: JsonProvisioner,
  builder: JsonBuilder,
  context: ComponentContext,
): Step | undefined {
  if (!appliesTo(builder.rawName)) return undefined;
  const overrides = entryOf(map, 'override')?.value;
  const own = overrides?.kind === 'map' ? entryOf(overrides, builder.rawName)?.value : undefined;
  const maps = own?.kind === 'map' ? [map, own] : [map];
  const typeAt = entryOf(map, 'type')!.value.at;
  return compileStep({ type, typeAt, maps, at: map.at, metaNames, cache }, context);
}
