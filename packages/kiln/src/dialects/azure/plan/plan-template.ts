import type { Build } from '../../../plan/plan.ts';
import type { ImageTemplate } from '../model/image-template.ts';
import { compileSteps } from './compile-customizers.ts';
import { compileOutputs } from './compile-outputs.ts';
import { compileMachine, compileSourceImage, systemOf } from './compile-source.ts';
import type { TemplateContext } from './plan-context.ts';

const minute = 60_000;
const usualMinutes = 240;

/** A template as a build. Undefined when Kiln does not have what it starts from; the problems say why. */
export function planTemplate(template: ImageTemplate, context: TemplateContext): Build | undefined {
  const source = compileSourceImage(template, context);
  // Read all the same, so that every mistake is told at once.
  const system = source?.system ?? systemOf(template.properties.source, context);
  const steps = compileSteps(template, system, context);
  sayWhatIsNotDone(template, context);
  if (!source) return undefined;
  const minutes = template.properties.buildTimeoutInMinutes || usualMinutes;
  return {
    name: context.name,
    type: 'azure',
    source: compileMachine(template, source, context),
    steps,
    outputs: compileOutputs(template, source, context),
    timeLimit: minutes * minute,
    at: context.at([]),
  };
}

function sayWhatIsNotDone({ properties }: ImageTemplate, { problems, at }: TemplateContext): void {
  const { optimize, additionalDataDisks = [] } = properties;
  if (optimize?.vmBoot?.state === 'Enabled') {
    problems.warning(
      at(['properties', 'optimize', 'vmBoot']),
      'the order of blocks that makes machines of Azure boot faster is not made here; the image is the same',
    );
  }
  if (optimize?.workload?.state === 'Enabled') {
    problems.warning(
      at(['properties', 'optimize', 'workload']),
      'the workload is not run: what it records is of use in Azure alone',
    );
  }
  if (additionalDataDisks.length > 0) {
    problems.warning(
      at(['properties', 'additionalDataDisks']),
      'the machine of the build gets the additional disks, and the image has the first disk alone',
    );
  }
}
