import type { ResolveContext } from './image-resolver.ts';

const interval = 100;

/** Turns byte counts into progress events, ten a second at most and always the last. */
export function progressReporter(
  { emit, build }: Pick<ResolveContext, 'emit' | 'build'>,
  label: string,
): (done: number, total?: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const now = performance.now();
    if (now - last < interval && done !== total) return;
    last = now;
    emit({
      kind: 'progress',
      ...(build !== undefined && { build }),
      label,
      done,
      ...(total !== undefined && { total }),
      unit: 'bytes',
    });
  };
}
