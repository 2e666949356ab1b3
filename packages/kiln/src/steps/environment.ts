import type { Text } from '../plan/text.ts';
import type { StepContext } from './step-context.ts';

export type Assignment = readonly [name: string, value: string];

/**
 * What a script of the build finds in its environment: Packer's own variables and the step's, which win; sorted by
 * name, as Packer does.
 */
export function scriptEnvironment(
  own: readonly (readonly [name: string, value: Text])[],
  context: StepContext,
): readonly Assignment[] {
  const { values, build } = context;
  const all = new Map<string, string>([
    ['PACKER_BUILD_NAME', build.name],
    ['PACKER_BUILDER_TYPE', build.type],
  ]);
  const served = { ADDR: values.PackerHTTPAddr, IP: values.PackerHTTPIP, PORT: values.PackerHTTPPort };
  for (const [name, value] of Object.entries(served)) {
    // A builder without such a server says so with a value of this form.
    if (value && !/^ERR_HTTP_.*_NOT_IMPLEMENTED_BY_BUILDER$/.test(value))
      all.set(`PACKER_HTTP_${name}`, value);
  }
  for (const [name, value] of own) all.set(name, context.render(value));
  return [...all].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A value between the single quotes that the usual formats for POSIX shells put around it. */
const inSingleQuotes = (value: string) => value.replaceAll("'", `'"'"'`);

/**
 * The assignments as text for a shell. `quote` makes of a value what means it between the quotes of the format, which
 * knows `%s`, `%[1]s` and `%%`.
 */
export function formatAssignments(
  assignments: readonly Assignment[],
  format: string,
  quote: (value: string) => string = inSingleQuotes,
): string {
  return assignments
    .map(([name, value]) => {
      const fields = [name, quote(value)];
      let next = 0;
      return format.replace(/%(?:\[(\d)\])?([sv%])/g, (_match, index: string | undefined, verb: string) =>
        verb === '%' ? '%' : (fields[index === undefined ? next++ : Number(index) - 1] ?? ''),
      );
    })
    .join('');
}
