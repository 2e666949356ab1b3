import type { ImageRef } from '../../plan/image-ref.ts';
import type { Build } from '../../plan/plan.ts';
import { parseImageReference } from '../../store/image-reference.ts';
import type { CompileContext } from './compile-context.ts';
import type { ImageEntry } from './kiln-file.ts';

/**
 * Images of a file may start from each other. Each gets the names of those it starts from, and stands behind them.
 * Images that start from each other in a circle are reported.
 */
export function orderImages(
  builds: readonly Build[],
  entries: Readonly<Record<string, ImageEntry>>,
  context: CompileContext,
): readonly Build[] {
  const bases = new Map(builds.map((build) => [build.name, basesOf(build, builds)]));
  const ordered: Build[] = [];
  const path: string[] = [];
  const visit = (build: Build) => {
    if (ordered.some((one) => one.name === build.name)) return;
    if (path.includes(build.name)) {
      const circle = [...path.slice(path.indexOf(build.name)), build.name];
      context.problems.error(
        context.places.of(entries[build.name]!, 'from'),
        circle.length === 2
          ? `the image "${build.name}" starts from itself`
          : `images start from each other in a circle: ${circle.join(' from ')}`,
        'an earlier image of the store can be named with its tag or id',
      );
      return;
    }
    path.push(build.name);
    const after = bases.get(build.name) ?? [];
    for (const base of after) visit(base);
    path.pop();
    if (ordered.some((one) => one.name === build.name)) return;
    ordered.push(after.length === 0 ? build : { ...build, after: after.map((base) => base.name) });
  };
  for (const build of builds) visit(build);
  return ordered;
}

function basesOf(build: Build, builds: readonly Build[]): readonly Build[] {
  if (build.source.kind !== 'qemu' || build.source.disk.kind !== 'store') return [];
  const wanted = fullName(build.source.disk);
  return builds.filter((one) =>
    one.outputs.flat().some((output) => output.kind === 'store' && output.references.includes(wanted)),
  );
}

/** `name:tag`, or an id, which no image that is still to be made can have. */
function fullName({ reference }: Extract<ImageRef, { kind: 'store' }>): string {
  const parsed = parseImageReference(reference);
  return parsed.kind === 'tag' ? `${parsed.name}:${parsed.tag}` : reference;
}
