import { availableParallelism, totalmem } from 'node:os';
import { checkSource, startSource } from '../hosts/index.ts';
import { createOutputRunner } from '../outputs/run-output.ts';
import { bootstrapImage } from '../sources/bootstrap/bootstrap-image.ts';
import { createImageResolver } from '../sources/resolver.ts';
import { runStep } from '../steps/run-step.ts';
import { runShellLocalStep } from '../steps/shell-local-step.ts';
import { openStore } from '../store/store.ts';
import { createRenderer } from '../text/render-text.ts';
import type { EngineServices } from './engine-services.ts';

export interface ServiceSetup {
  /** `$KILN_HOME`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Asks the person at the terminal; answers nothing when there is none. */
  readonly ask?: EngineServices['ask'];
}

/** The services that real builds run with. Nothing is read or started before it is needed. */
export function createEngineServices({ home, env, ask = async () => '' }: ServiceSetup): EngineServices {
  const store = openStore(home);
  return {
    home,
    store,
    ask,
    host: {
      check: (source) => checkSource(source, home),
      start: (source, context) => startSource(source, context, home),
    },
    images: createImageResolver({
      store,
      env,
      bootstrap: (ref, context) => bootstrapImage(store, ref, context),
    }),
    runStep,
    runOutput: createOutputRunner({ store, runShellLocal: runShellLocalStep }),
    createRenderer,
    capacity: { memory: totalmem(), cpus: availableParallelism() },
  };
}
