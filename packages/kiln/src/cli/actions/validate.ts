import { type Diagnostic, DiagnosticsError } from '../../base/diagnostics.ts';
import type { Plan } from '../../plan/plan.ts';
import type { CommandInput } from '../command.ts';
import type { validateOptions } from '../commands/validate.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(
  { options, args }: CommandInput<typeof validateOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  let diagnostics: readonly Diagnostic[];
  let builds: readonly string[] = [];
  let machines: readonly string[] = [];
  let file = args[0] ?? 'kiln.yaml';
  try {
    const loaded = await loadTemplate({ file: args[0], ...options, isCheck: true }, context);
    const { plan, warnings, refused } = loaded;
    const own = [...refused, ...warnings];
    diagnostics = options['syntax-only'] ? own : [...own, ...(await hostProblems(plan, context))];
    builds = loaded.builds;
    machines = loaded.machines;
    file = plan.origin.file;
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    diagnostics = error.diagnostics;
  }
  const valid = diagnostics.every((one) => one.severity !== 'error');
  if (options.json) stdout.line(JSON.stringify({ valid, file, builds, machines, diagnostics }, null, 2));
  else {
    stderr.write(formatDiagnostics(diagnostics, stderr.paint));
    if (valid) stdout.line(`${file} is valid: ${count(builds, 'build')}, ${count(machines, 'machine')}`);
  }
  return valid ? exitCodes.ok : exitCodes.failed;
}

/** What would keep the builds from succeeding on this host. */
async function hostProblems(plan: Plan, { env }: CliContext): Promise<readonly Diagnostic[]> {
  if (plan.builds.length === 0) return [];
  const { findPlanProblems } = await import('../plan-problems.ts');
  return findPlanProblems(plan, env);
}

function count(names: readonly string[], noun: string): string {
  if (names.length === 0) return `no ${noun}s`;
  return `${names.length} ${noun}${names.length > 1 ? 's' : ''} (${names.join(', ')})`;
}
