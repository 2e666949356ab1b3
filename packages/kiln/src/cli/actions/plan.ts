import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { redactor } from '../../base/redact.ts';
import type { PredictedBuild } from '../../engine/predict-steps.ts';
import type { Plan } from '../../plan/plan.ts';
import { isBuilt } from '../../plan/source.ts';
import type { CommandInput } from '../command.ts';
import type { planOptions } from '../commands/plan.ts';
import type { CliContext } from '../context.ts';
import { describePlan } from '../describe-plan.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { formatDiagnostics } from '../report-error.ts';

/** What a build would do now; hosts and stores are loaded only for plans that make machines. */
async function predict(plan: Plan, context: CliContext): Promise<readonly PredictedBuild[]> {
  if (!plan.builds.some((build) => isBuilt(build.source) && build.steps.length > 0)) return [];
  const { predictSteps } = await import('../../engine/predict-steps.ts');
  const { createServices } = await import('../services.ts');
  const services = createServices({ home: kilnHome(context.env), env: context.env, ask: async () => '' });
  return predictSteps(plan, { mode: 'memory', use: true }, services);
}

/** Packages are shown as they are locked; what is not locked yet stays open. */
async function lockedPlan(plan: Plan, context: CliContext): Promise<Plan> {
  if (!plan.builds.some(({ source }) => source.kind === 'rootfs')) return plan;
  const { lockPlan } = await import('../lock-plan.ts');
  try {
    return await lockPlan(plan, { locked: true }, context);
  } catch (error) {
    if (error instanceof KilnError && error.code === 'lock-unfit') return plan;
    throw error;
  }
}

export async function run(
  { options, args }: CommandInput<typeof planOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const loaded = await loadTemplate({ file: args[0], ...options }, context);
  stderr.write(formatDiagnostics(loaded.warnings, stderr.paint));
  const plan = await lockedPlan(loaded.plan, context);
  // Quotes and line ends look different inside JSON.
  const hide = redactor(plan.secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  const predicted = await predict(plan, context);
  if (options.json) {
    const hidden = plan.secrets.map(() => '<sensitive>');
    stdout.line(hide(JSON.stringify({ ...plan, secrets: hidden, predicted }, null, 2)));
  } else stdout.write(hide(describePlan(plan, stdout.paint, predicted)));
  return exitCodes.ok;
}
