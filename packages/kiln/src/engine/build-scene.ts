import type { Build } from '../plan/plan.ts';
import type { BuildReporter } from './build-reporter.ts';
import type { RenderText } from './engine-services.ts';
import type { PlanRun } from './plan-run.ts';

/** One build at work: what it is, in which run, and where it may write and speak. */
export interface BuildScene {
  readonly build: Build;
  readonly plan: PlanRun;
  readonly reporter: BuildReporter;
  /** The build's own folder inside the run's. */
  readonly scratch: string;
}

/** The run-time values that every build has, before its machine adds its own. */
export function firstValues({ plan }: BuildScene): Readonly<Record<string, string>> {
  return { PackerRunUUID: plan.runUuid };
}

export function rendererFor(scene: BuildScene, values: Readonly<Record<string, string>>): RenderText {
  const { build, plan } = scene;
  return plan.services.createRenderer({
    build: { name: build.name, type: build.type },
    values,
    templateFolder: plan.plan.origin.folder,
    startedAt: plan.startedAt,
  });
}
