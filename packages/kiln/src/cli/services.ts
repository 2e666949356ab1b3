import { availableParallelism, totalmem } from 'node:os';
import type { EngineServices } from '../engine/engine-services.ts';
import { checkSource, sourceArtifact, sourceCheckpoints, startSource } from '../hosts/index.ts';
import { bootstrapImage } from '../hosts/rootfs/bootstrap-image.ts';
import { createOutputRunner } from '../outputs/run-output.ts';
import { createImageResolver } from '../sources/resolver.ts';
import { runStep } from '../steps/run-step.ts';
import { runShellLocalStep } from '../steps/shell-local-step.ts';
import { openStore } from '../store/store.ts';
import { createRenderer } from '../text/render-text.ts';

export interface ServiceOptions {
  /** `$KILN_HOME`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ask: EngineServices['ask'];
}

/** Puts the rooms together: the only place that knows which store, hosts, steps and outputs the engine uses. */
export function createServices({ home, env, ask }: ServiceOptions): EngineServices {
  const store = openStore(home);
  return {
    home,
    host: {
      check: (source) => checkSource(source, home),
      start: (source, context, checkpoints) => startSource(source, context, home, checkpoints),
      checkpointSupport: (source) => sourceCheckpoints(source, home),
      artifactFromDisks: (source, context, from) => sourceArtifact(source, context, from, home),
    },
    images: createImageResolver({
      store,
      env,
      bootstrap: (ref, context) => bootstrapImage(store, ref, context),
    }),
    runStep,
    runOutput: createOutputRunner({ store, runShellLocal: runShellLocalStep }),
    createRenderer,
    store,
    ask,
    capacity: { memory: totalmem(), cpus: availableParallelism() },
  };
}
