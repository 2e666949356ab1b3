import { redactor } from '../../base/redact.ts';
import type { CommandInput } from '../command.ts';
import type { planOptions } from '../commands/plan.ts';
import type { CliContext } from '../context.ts';
import { describePlan } from '../describe-plan.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(
  { options, args }: CommandInput<typeof planOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const loaded = await loadTemplate({ file: args[0], ...options }, context);
  stderr.write(formatDiagnostics(loaded.warnings, stderr.paint));
  const plan = loaded.plan;
  // Quotes and line ends look different inside JSON.
  const hide = redactor(plan.secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  if (options.json) {
    const hidden = plan.secrets.map(() => '<sensitive>');
    stdout.line(hide(JSON.stringify({ ...plan, secrets: hidden }, null, 2)));
  } else stdout.write(hide(describePlan(plan, stdout.paint)));
  return exitCodes.ok;
}
