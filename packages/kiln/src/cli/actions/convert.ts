import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError } from '../../base/errors.ts';
import { writeFileAtomically } from '../../base/files.ts';
import type { CommandInput } from '../command.ts';
import type { convertOptions } from '../commands/convert.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { readTemplateText } from '../packer-template.ts';
import { formatDiagnostics } from '../report-error.ts';
import { detectTemplateKind, type TemplateKind } from '../template-kind.ts';

interface Converted {
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export async function run(
  { options, args }: CommandInput<typeof convertOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, cwd } = context;
  const { output } = options;
  const file = args[0]!;
  if (options.to === undefined) {
    throw new KilnError('bad-usage', 'kiln convert: --to is missing', {
      hint: 'give --to hcl, json, kiln or azure',
    });
  }
  if (output !== undefined && !options.force && existsSync(resolve(cwd, output))) {
    throw new KilnError('already-exists', `${output} is there already`, {
      hint: 'choose another name, or replace it with --force',
    });
  }
  const text = readTemplateText(file, cwd);
  const kind = detectTemplateKind(file, text);
  const { text: made, diagnostics } = await convert(kind, options, { file, text }, context);
  if (made === undefined) throw new DiagnosticsError(diagnostics);
  if (output !== undefined) await writeFileAtomically(resolve(cwd, output), made);
  if (options.json) {
    stdout.line(JSON.stringify({ file: output ?? null, text: made, diagnostics }, null, 2));
    return exitCodes.ok;
  }
  stderr.write(formatDiagnostics(diagnostics, stderr.paint));
  if (output === undefined) stdout.write(made);
  return exitCodes.ok;
}

async function convert(
  kind: TemplateKind,
  options: CommandInput<typeof convertOptions>['options'],
  source: { readonly file: string; readonly text: string },
  context: CliContext,
): Promise<Converted> {
  const { to, annotate } = options;
  if (kind === 'azure' && to !== 'azure' && to !== undefined) {
    const { convertFromAzure } = await import('../convert-azure.ts');
    return convertFromAzure(source, to, options, context);
  }
  if (to === 'azure' && kind !== 'azure') {
    const { convertToAzure } = await import('../convert-azure.ts');
    return convertToAzure(source.file, options, context);
  }
  if (kind === 'packer-json' && to === 'hcl') {
    const { upgradeTemplate } = await import('../../dialects/packer/upgrade/upgrade-template.ts');
    return upgradeTemplate({ ...source, annotate });
  }
  if (kind === 'packer-hcl' && to === 'json' && !source.file.endsWith('.json')) {
    const { hclAsJson } = await import('../../dialects/packer/hcl/to-json.ts');
    const { value, diagnostics } = hclAsJson(source);
    return { text: value === undefined ? undefined : `${JSON.stringify(value, null, 2)}\n`, diagnostics };
  }
  throw new KilnError('unsupported', `${source.file} cannot be converted with --to ${to}`, {
    hint: "--to hcl is for Packer's JSON templates, --to json for HCL2, --to kiln for Azure image templates, --to azure for all but those",
  });
}
