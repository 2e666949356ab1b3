import type { Build } from '../../plan/plan.ts';
import type { RootfsSource } from '../../plan/rootfs-source.ts';
import type { CompileContext } from './compile-context.ts';
import { compileFrom } from './compile-image.ts';
import { compileOutputs } from './compile-outputs.ts';
import { compileImageProfile } from './compile-profile.ts';
import { compileSteps, type StepContext } from './compile-steps.ts';
import { readImageReference } from './image-reference.ts';
import type { ImageEntry } from './kiln-file.ts';

const defaultDiskSize = 4 * 2 ** 30;
const mebibyte = 2 ** 20;

/**
 * An image that is built without a machine. What is said of the machine (memory, processors, firmware, login) is of no
 * consequence for it, so that an image can be built either way by changing one word.
 */
export function compileRootfs(name: string, entry: ImageEntry, context: CompileContext): Build | undefined {
  const { places, problems } = context;
  const image = compileFrom(entry, entry.from, context);
  if (image && image.kind !== 'distribution') {
    problems.error(
      places.of(entry, 'from'),
      `an image that is built without a machine starts from a distribution, and "${entry.from}" is none`,
      'write debian/12 or the like, or change "builder" to qemu',
    );
  }
  const stepContext: StepContext = {
    ...context,
    loginUser: 'root',
    builder: 'rootfs',
    machineName: name,
    parameters: entry.parameters ?? {},
  };
  const steps = [
    ...compileImageProfile(name, entry, stepContext),
    ...compileSteps(entry.steps ?? [], stepContext),
  ];
  const outputs = compileOutputs(name, entry, context);
  const layoutOf =
    entry.layout_of === undefined
      ? undefined
      : readImageReference(entry.layout_of, undefined, { ...context, at: places.of(entry, 'layout_of') });
  if (layoutOf && layoutOf.kind !== 'store') {
    problems.error(
      places.of(entry, 'layout_of'),
      `"layout_of" names an image of the store, and "${entry.layout_of}" is none`,
      'such as web:1.0',
    );
  }
  if (image?.kind !== 'distribution') return undefined;
  const diskSize = entry.disk ?? defaultDiskSize;
  const source: RootfsSource = {
    kind: 'rootfs',
    os: { distribution: image.distribution, release: image.release },
    network: entry.network ?? true,
    result: {
      machineName: name,
      diskSize: Math.ceil(diskSize / mebibyte) * mebibyte,
      allowSecrets: entry.allow_secrets ?? [],
      ...(layoutOf?.kind === 'store' && { layoutOf }),
    },
  };
  return { name, type: 'rootfs', source, steps, outputs, at: places.of(entry) };
}
