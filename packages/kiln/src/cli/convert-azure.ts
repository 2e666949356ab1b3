import type { Diagnostic } from '../base/diagnostics.ts';
import { Problems } from '../base/yaml/problems.ts';
import { openTemplates } from '../dialects/azure/arm/open-templates.ts';
import { planAsAzure } from '../dialects/azure/convert/from-plan.ts';
import { toKilnYaml } from '../dialects/azure/convert/to-kiln-yaml.ts';
import { toPackerJson } from '../dialects/azure/convert/to-packer-json.ts';
import type { CliContext } from './context.ts';
import { loadTemplate } from './load-template.ts';
import { readCatalogues, readParameterValues } from './read-azure-inputs.ts';

interface Converted {
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface Values {
  readonly var: readonly string[];
  readonly 'var-file': readonly string[];
}

/** An Azure image template in another language; what is lost is among the diagnostics. */
export async function convertFromAzure(
  { file, text }: { readonly file: string; readonly text: string },
  to: 'hcl' | 'json' | 'kiln',
  options: Values & { readonly annotate: boolean },
  context: CliContext,
): Promise<Converted> {
  const problems = new Problems();
  const values = await readParameterValues(options, context.cwd);
  const { templates, secrets } = openTemplates({ file, text, values, now: new Date() }, problems);
  const catalogue = readCatalogues(context, problems);
  const said = problems.list();
  if (problems.hasErrors) return { text: undefined, diagnostics: said };
  const made =
    to === 'kiln'
      ? toKilnYaml(templates, catalogue)
      : toPackerJson(templates, catalogue, { isUpgraded: to === 'hcl' });
  const { text: open, diagnostics } = withoutSecrets(made, secrets, file);
  if (to !== 'hcl') return { text: open, diagnostics: [...said, ...diagnostics] };
  const { upgradeTemplate } = await import('../dialects/packer/upgrade/upgrade-template.ts');
  const upgraded = upgradeTemplate({ file, text: open, annotate: options.annotate });
  // Its places are those of a template that nobody has seen.
  const about = upgraded.diagnostics.map((one) => ({ ...one, at: { file, line: 1, column: 1 } }));
  return { text: upgraded.text, diagnostics: [...said, ...diagnostics, ...about] };
}

/** Any other template as one of Azure. */
export async function convertToAzure(file: string, options: Values, context: CliContext): Promise<Converted> {
  const input = { file, var: options.var, 'var-file': options['var-file'], isCheck: true };
  const { plan, warnings } = await loadTemplate(input, context);
  const { text, diagnostics } = withoutSecrets(planAsAzure(plan), plan.secrets, file);
  return { text, diagnostics: [...warnings, ...diagnostics] };
}

/** A secret that was filled in must not get into a file that is kept with others. */
function withoutSecrets(
  { text, diagnostics }: { readonly text: string; readonly diagnostics: readonly Diagnostic[] },
  secrets: readonly string[],
  file: string,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  let open = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    // Quotes and line ends look different inside of JSON and YAML.
    for (const form of [JSON.stringify(secret).slice(1, -1), secret])
      open = open.replaceAll(form, '<secret>');
  }
  if (open === text) return { text, diagnostics };
  const warning: Diagnostic = {
    severity: 'warning',
    message: 'secrets are lost: <secret> stands where they were',
    hint: 'fill them in by the means of the new language',
    at: { file, line: 1, column: 1 },
  };
  return { text: open, diagnostics: [...diagnostics, warning] };
}
