import { KilnError } from '../base/errors.ts';
import type { OptionValues } from './command.ts';
import type { CliContext } from './context.ts';
import { askServer, type serverOptions } from './server-options.ts';

type Place = OptionValues<typeof serverOptions> & {
  readonly group: string | undefined;
  readonly subscription: string | undefined;
};

/** The folder of templates of a group. */
export function templatesFolder({ group, subscription }: Place, { env }: CliContext): string {
  const names = [
    subscription ?? env['KILN_SUBSCRIPTION'] ?? 'default',
    group ?? env['KILN_GROUP'] ?? 'default',
  ];
  const [first, second] = names.map(encodeURIComponent);
  return `/subscriptions/${first}/resourceGroups/${second}/providers/Microsoft.VirtualMachineImages/imageTemplates`;
}

/** ARM id of a template that is named by its name, or by its id. */
export function templateIdOf(name: string, options: Place, context: CliContext): string {
  return name.startsWith('/')
    ? name.replace(/\/+$/, '')
    : `${templatesFolder(options, context)}/${encodeURIComponent(name)}`;
}

const runId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Id of a run that is named, or of the last one of a template. Undefined when that has none. */
export async function findRunId(
  name: string,
  options: Place,
  context: CliContext,
): Promise<string | undefined> {
  if (runId.test(name)) return name.toLowerCase();
  const templateId = decodeURIComponent(templateIdOf(name, options, context));
  const query = new URLSearchParams({ templateId, limit: '1' });
  const { value } = (await askServer(context, options, {
    method: 'GET',
    path: `/api/v1/runs?${query}`,
  })) as { readonly value: readonly { readonly id: string }[] };
  return value[0]?.id;
}

/** @throws KilnError `not-found` when a template has no run */
export async function demandRunId(name: string, options: Place, context: CliContext): Promise<string> {
  const id = await findRunId(name, options, context);
  if (id !== undefined) return id;
  throw new KilnError('not-found', `the template ${name} has no run that you may see`, {
    hint: 'look whether --group and --subscription are right; start one with `kiln template run`',
  });
}
