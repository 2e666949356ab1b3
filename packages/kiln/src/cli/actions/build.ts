import { DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError } from '../../base/errors.ts';
import type { CheckpointOptions } from '../../engine/run-options.ts';
import type { Build, Plan } from '../../plan/plan.ts';
import { isBuilt } from '../../plan/source.ts';
import { tagReference } from '../../store/image-reference.ts';
import { buildPlan } from '../build-plan.ts';
import type { CommandInput } from '../command.ts';
import type { buildOptions } from '../commands/build.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { lockPlan } from '../lock-plan.ts';
import { findPlanProblems } from '../plan-problems.ts';
import { errorEvents } from '../render/json.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(input: CommandInput<typeof buildOptions>, context: CliContext): Promise<number> {
  try {
    return await build(input, context);
  } catch (error) {
    if (input.options.json) for (const line of errorEvents(error)) context.stdout.line(JSON.stringify(line));
    throw error;
  }
}

async function build(
  { options, args }: CommandInput<typeof buildOptions>,
  context: CliContext,
): Promise<number> {
  const { stderr } = context;
  const loaded = await loadTemplate({ file: args[0], ...options }, context);
  stderr.write(formatDiagnostics(loaded.warnings, stderr.paint));
  const plan = await lockPlan(withTags(loaded.plan, options.tag), { locked: options.locked }, context);
  if (plan.builds.length === 0) {
    stderr.line(`${plan.origin.file} has nothing to build`);
    return exitCodes.ok;
  }
  const problems = await findPlanProblems(plan, context.env);
  if (problems.length > 0) throw new DiagnosticsError(problems);
  if (options['shell-at'] !== undefined) return openShell(plan, options['shell-at'], context);
  return buildPlan(
    plan,
    {
      json: options.json,
      live: options.live,
      timestamps: options.timestamps,
      force: options.force,
      checkpoints: checkpointOptions(options),
      resume: options.resume,
      debug: options.debug,
      ...(options.parallel !== undefined && { parallel: options.parallel }),
      ...(options['on-error'] !== undefined && { onError: options['on-error'] }),
    },
    context,
  );
}

/** @throws KilnError `bad-usage` when it is not clear which machine is meant */
async function openShell(plan: Plan, at: string, context: CliContext): Promise<number> {
  const machines = plan.builds.filter((build) => isBuilt(build.source));
  if (machines.length !== 1) {
    const names = machines.map((build) => build.name).join(', ');
    throw new KilnError(
      'bad-usage',
      `--shell-at is for one build of a machine, and this would be ${machines.length}`,
      {
        hint:
          machines.length === 0 ? 'only machines in QEMU have states' : `choose one with --only: ${names}`,
      },
    );
  }
  let shellCode = exitCodes.ok as number;
  const { shellVisit } = await import('./shell-in-build.ts');
  const visit = shellVisit(at, (code) => {
    shellCode = code;
  });
  const code = await buildPlan({ ...plan, builds: machines }, { live: false, visit }, context);
  return code === exitCodes.ok ? shellCode : code;
}

function checkpointOptions(options: CommandInput<typeof buildOptions>['options']): CheckpointOptions {
  const refreshFrom = options['refresh-from'];
  return {
    mode: options.checkpoint ?? 'memory',
    use: options.cache,
    secrets: options['checkpoint-secrets'],
    ...(refreshFrom === undefined ? {} : { refreshFrom }),
  };
}

/** Puts the one image into the store under more names: a name can only lead to one image. */
function withTags(plan: Plan, tags: readonly string[]): Plan {
  if (tags.length === 0) return plan;
  const references = tags.map((one) => {
    const { name, tag } = tagReference(one);
    return `${name}:${tag}`;
  });
  const machines = plan.builds.filter((build) => isBuilt(build.source));
  if (machines.length > 1) {
    throw new KilnError('bad-usage', `--tag is for one build, and this would be ${machines.length}`, {
      hint: `choose one with --only: ${machines.map((build) => build.name).join(', ')}`,
    });
  }
  if (machines.length === 0) {
    throw new KilnError('bad-usage', '--tag is for builds of machines, and there is none');
  }
  const tagged = (build: Build): Build =>
    isBuilt(build.source)
      ? { ...build, outputs: [...build.outputs, [{ kind: 'store', references }]] }
      : build;
  return { ...plan, builds: plan.builds.map(tagged) };
}
