import type { Host } from '../hosts/host.ts';
import type { OutputRunner } from '../outputs/output-context.ts';
import type { Output } from '../plan/output.ts';
import type { Source } from '../plan/source.ts';
import type { Step } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import type { ImageResolver } from '../sources/image-resolver.ts';
import type { StepRunner } from '../steps/step-context.ts';
import type { Store } from '../store/store.ts';
import type { EvaluateExpression } from '../text/template-functions.ts';

/** Everything with side effects that the engine uses. The room `cli/` puts the real ones together. */
export interface EngineServices {
  /** `$KILN_HOME`. */
  readonly home: string;
  /** Makes the machines of every kind of source. */
  readonly host: Host<Source>;
  readonly images: ImageResolver;
  readonly runStep: StepRunner<Step>;
  readonly runOutput: OutputRunner<Output>;
  readonly createRenderer: (options: RendererSetup) => RenderText;
  /** Where finished images are found again, and base images kept while they are used. */
  readonly store: Pick<Store, 'findByKey' | 'tag' | 'diskPath' | 'pinLocal' | 'unpin'>;
  /** Asks the person at the terminal. Resolves with an empty string where there is none. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string>;
  /** What this machine has for builds to share. */
  readonly capacity: HostCapacity;
}

/** Memory in bytes. */
export interface HostCapacity {
  readonly memory: number;
  readonly cpus: number;
}

export type RenderText = (text: Text, data?: Readonly<Record<string, unknown>>) => string;

/** What a renderer of one build's texts needs to know. */
export interface RendererSetup {
  readonly build: { readonly name: string; readonly type: string };
  /** Run-time values known so far. A text that asks for another one is an error. */
  readonly values: Readonly<Record<string, string>>;
  readonly templateFolder: string;
  /** When the command began; every clock function of a template answers with this moment. */
  readonly startedAt: Date;
  /** Hides secrets in what errors quote. */
  readonly hide: (text: string) => string;
  /** Works out the HCL2 expressions of texts; given when the plan has some. */
  readonly evaluate?: EvaluateExpression;
}
