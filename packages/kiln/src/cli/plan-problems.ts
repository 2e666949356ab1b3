import type { Diagnostic } from '../base/diagnostics.ts';
import { kilnHome } from '../base/home.ts';
import { checkPlan, type PlanProblem } from '../engine/check-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Source } from '../plan/source.ts';

/** Everything that can be known to go wrong before a machine is made, as mistakes of the template's builds. */
export async function findPlanProblems(plan: Plan, env: NodeJS.ProcessEnv): Promise<readonly Diagnostic[]> {
  const found = await findHostProblems(plan, env);
  return found.map(({ build, message, at }) => ({
    severity: 'error',
    message: `build "${build}": ${message}`,
    at: at ?? { file: plan.origin.file, line: 1, column: 1 },
  }));
}

/** The same, told by build. */
export async function findHostProblems(plan: Plan, env: NodeJS.ProcessEnv): Promise<readonly PlanProblem[]> {
  const home = kilnHome(env);
  return checkPlan(plan, { host: { check: (source) => checkSource(source, home) } });
}

/** Loads no more of a host than looking takes: what it needs for building is most of Kiln. */
async function checkSource(source: Source, home: string): Promise<readonly string[]> {
  switch (source.kind) {
    case 'qemu': {
      const { checkQemuSource } = await import('../hosts/qemu/check.ts');
      return checkQemuSource(source, home);
    }
    case 'rootfs': {
      const { checkRootfsSource } = await import('../hosts/rootfs/check.ts');
      return checkRootfsSource(source);
    }
    case 'null': {
      const { nullHost } = await import('../hosts/null.ts');
      return nullHost.check(source);
    }
    case 'file': {
      const { fileHost } = await import('../hosts/file.ts');
      return fileHost.check(source);
    }
  }
}
