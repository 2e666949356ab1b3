import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError, messageOf } from '../../base/errors.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { type OpenedTemplate, openTemplates } from '../../dialects/azure/arm/open-templates.ts';
import type { CommandInput, OptionValues } from '../command.ts';
import type { templateSubmitOptions } from '../commands/template.ts';
import { type CliContext, hideInOutput } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { readParameterValues } from '../read-azure-inputs.ts';
import { formatDiagnostics } from '../report-error.ts';
import { askServer } from '../server-options.ts';
import { templateIdOf } from '../template-place.ts';

type Options = OptionValues<typeof templateSubmitOptions>;

/** What the service says of a template. */
interface SubmittedTemplate {
  readonly id: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly provisioningError?: { readonly message?: string };
  };
}

export async function run(
  { options, args }: CommandInput<typeof templateSubmitOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const templates = await readTemplates(args[0]!, options, context);
  if (options.name !== undefined && templates.length > 1) {
    throw new KilnError('bad-usage', `--name is for one template, and ${args[0]} has ${templates.length}`);
  }
  const submitted: SubmittedTemplate[] = [];
  for (const opened of templates) submitted.push(await submit(opened, options, context));
  if (options.json) stdout.line(JSON.stringify(submitted, null, 2));
  else for (const { id } of submitted) stdout.line(id);
  const failed = submitted.filter(({ properties }) => properties.provisioningState !== 'Succeeded');
  for (const { id, properties } of failed) {
    stderr.line(`${id}: ${properties.provisioningError?.message ?? properties.provisioningState}`);
  }
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed;
}

async function readTemplates(
  file: string,
  options: Options,
  { cwd, stderr }: CliContext,
): Promise<readonly OpenedTemplate[]> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new KilnError('file-missing', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const problems = new Problems();
  const values = await readParameterValues(options, cwd);
  const { templates, secrets } = openTemplates({ file, text, values, now: new Date() }, problems);
  if (problems.hasErrors) throw new DiagnosticsError(problems.list());
  hideInOutput(secrets);
  stderr.write(formatDiagnostics(problems.list(), stderr.paint));
  if (templates.length > 0) return templates;
  throw new KilnError('template-invalid', `${file} has no image template`, {
    hint: 'its resources need the type Microsoft.VirtualMachineImages/imageTemplates',
  });
}

async function submit(
  { name, template, apiVersion }: OpenedTemplate,
  options: Options,
  context: CliContext,
): Promise<SubmittedTemplate> {
  const id = templateIdOf(options.name ?? name, options, context);
  const path = `${id}?api-version=${apiVersion}`;
  if (options.replace) {
    await askServer(context, options, { method: 'DELETE', path });
    await until(async () => !(await find(path, options, context)));
  }
  await askServer(context, options, { method: 'PUT', path, json: template });
  let made: SubmittedTemplate | undefined;
  await until(async () => {
    made = await find(path, options, context);
    return made?.properties.provisioningState !== 'Creating';
  });
  if (made) return made;
  throw new KilnError('service-refused', `the template ${name} is not there any more`, {
    hint: 'somebody may have deleted it; submit it again',
  });
}

async function find(
  path: string,
  options: Options,
  context: CliContext,
): Promise<SubmittedTemplate | undefined> {
  try {
    return (await askServer(context, options, { method: 'GET', path })) as SubmittedTemplate;
  } catch (error) {
    if (error instanceof KilnError && /\(ResourceNotFound\)/.test(error.message)) return undefined;
    throw error;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new KilnError('service-refused', 'the service did not finish within two minutes', {
        hint: 'look at its log',
      });
    }
    await sleep(200);
  }
}
