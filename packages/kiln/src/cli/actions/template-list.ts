import { newestApiVersion } from '../../dialects/azure/model/api-version.ts';
import type { CommandInput } from '../command.ts';
import type { templateListOptions } from '../commands/template.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { askServer } from '../server-options.ts';
import { templatesFolder } from '../template-place.ts';
import { textTable } from '../text-table.ts';

interface ListedTemplate {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly lastRunStatus?: {
      readonly runState?: string;
      readonly runSubState?: string;
      readonly startTime?: string;
    };
  };
}

export async function run(
  { options }: CommandInput<typeof templateListOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, env } = context;
  const inGroup = options.group !== undefined || env['KILN_GROUP'] !== undefined;
  const folder = templatesFolder(options, context);
  const all = inGroup ? folder : folder.replace(/\/resourceGroups\/[^/]+/, '');
  const found: ListedTemplate[] = [];
  for (let path: string | undefined = `${all}?api-version=${newestApiVersion}`; path !== undefined; ) {
    const page = (await askServer(context, options, { method: 'GET', path })) as {
      readonly value: readonly ListedTemplate[];
      readonly nextLink?: string;
    };
    found.push(...page.value);
    // Only within the service that was asked, whatever name it has for itself.
    const next: URL | undefined = page.nextLink ? new URL(page.nextLink, 'https://service') : undefined;
    path = next && `${next.pathname}${next.search}`;
  }
  if (options.json) stdout.line(JSON.stringify(found, null, 2));
  else {
    const rows = found.map(({ id, name, properties }) => [
      name,
      id.split('/')[4] ?? '',
      properties.provisioningState,
      properties.lastRunStatus?.runState ?? '-',
      properties.lastRunStatus?.startTime?.slice(0, 19) ?? '-',
    ]);
    stdout.write(textTable([['NAME', 'GROUP', 'STATE', 'LAST RUN', 'STARTED'], ...rows]));
  }
  return exitCodes.ok;
}
