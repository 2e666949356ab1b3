import type { Build } from '../plan/plan.ts';
import { buildValueNames } from '../text/compile-text.ts';
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

/**
 * The run-time values that every build has, before its machine adds its own. What no machine adds is empty; of the
 * server for files it says, in Packer's words, that there is none.
 */
export function firstValues({ plan }: BuildScene): Readonly<Record<string, string>> {
  return { ...nothing, PackerRunUUID: plan.runUuid };
}

const nothing = Object.fromEntries(
  buildValueNames.map((name) => {
    const part = /^PackerHTTP(.+)$/.exec(name)?.[1]?.toUpperCase();
    return [name, part === undefined ? '' : `ERR_HTTP_${part}_NOT_IMPLEMENTED_BY_BUILDER`];
  }),
);

/** The build as its own scripts, texts and manifests know it. */
export function innerBuild({ name, innerName, type }: Build): {
  readonly name: string;
  readonly type: string;
} {
  return { name: innerName ?? name, type };
}

export function rendererFor(scene: BuildScene, values: Readonly<Record<string, string>>): RenderText {
  const { build, plan } = scene;
  return plan.services.createRenderer({
    build: innerBuild(build),
    values,
    templateFolder: plan.plan.origin.folder,
    startedAt: plan.startedAt,
    hide: (text) => plan.secrets.hide(text),
    ...(plan.evaluate && { evaluate: plan.evaluate }),
  });
}
