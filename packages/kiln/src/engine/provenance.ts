import { kilnVersion } from '../base/version.ts';
import type { Provenance } from '../store/image-record.ts';
import type { BuildKey } from './build-key.ts';
import type { BuildScene } from './build-scene.ts';

/** What the store remembers of how a build's image came to be. Holds no secret: names and digests only. */
export function provenanceOf({ build, plan, reporter }: BuildScene, key: BuildKey | undefined): Provenance {
  return {
    kilnVersion,
    made: `build ${build.name}`,
    startedAt: plan.startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    steps: reporter.stages
      .filter((stage) => stage.outcome === 'succeeded' && stage.stage.startsWith('step '))
      .map(({ stage, milliseconds }) => ({ step: plan.secrets.hide(stage), milliseconds })),
    ...(key?.template ? { template: key.template } : {}),
    ...(key ? { inputs: key.inputs } : {}),
    ...(key?.base ? { base: key.base } : {}),
    ...(key?.hash ? { key: key.hash } : {}),
  };
}
