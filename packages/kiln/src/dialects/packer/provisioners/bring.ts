import type { Copy } from '../../../plan/copy.ts';
import type { Options } from '../options.ts';

/**
 * An option that names a file or folder of this host, which is brought into the machine. Resolves to what the machine
 * calls it; undefined when it is left out.
 */
export function bringFile(
  options: Options,
  name: string,
  what: string,
  copies: Copy[],
  as: (path: string) => string,
): string | undefined {
  const written = options.string(name);
  if (written === undefined) return undefined;
  options.context.mustExist(written, what, options.placeOf(name));
  const from = options.context.path(written);
  const to = as(from);
  copies.push({ from, to });
  return to;
}
