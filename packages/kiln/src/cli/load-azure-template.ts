import type { Diagnostic } from '../base/diagnostics.ts';
import { Problems } from '../base/yaml/problems.ts';
import { readAzureTemplate } from '../dialects/azure/read-azure-template.ts';
import type { Plan } from '../plan/plan.ts';
import type { CliContext } from './context.ts';
import type { TemplateInput } from './load-template.ts';
import { readCatalogues, readParameterValues, readSurroundings } from './read-azure-inputs.ts';

/**
 * Reads an Azure image template for this host. What it fetches from elsewhere without a checksum is fetched once now,
 * so that states of earlier builds can be told to fit.
 * @throws KilnError for a variable file or an image that cannot be, `download-failed`
 */
export async function loadAzureTemplate(
  { file, text }: { readonly file: string; readonly text: string },
  input: TemplateInput,
  context: CliContext,
): Promise<{ readonly plan: Plan | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  const problems = new Problems();
  const read = readAzureTemplate({
    file,
    text,
    values: await readParameterValues(input, context.cwd),
    now: new Date(),
    catalogue: readCatalogues(context, problems),
    ...(await readSurroundings(input['source-image'], context)),
  });
  const diagnostics = [...problems.list(), ...read.diagnostics];
  if (!read.plan || problems.hasErrors) return { plan: undefined, diagnostics };
  if (input.isCheck) return { plan: read.plan, diagnostics };
  const { pinDownloads } = await import('./pin-downloads.ts');
  return { plan: await pinDownloads(read.plan, context), diagnostics };
}
