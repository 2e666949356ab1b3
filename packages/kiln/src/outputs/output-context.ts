import type { EmitEvent } from '../base/events.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { Text } from '../plan/text.ts';
import type { Provenance } from '../store/image-record.ts';
import type { Run } from '../store/run.ts';

/** What an output gets to work with. */
export interface OutputContext {
  readonly build: { readonly name: string; readonly type: string };
  readonly values: Readonly<Record<string, string>>;
  readonly render: (text: Text, data?: Readonly<Record<string, unknown>>) => string;
  readonly say: (text: string) => void;
  readonly output: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  readonly scratch: string;
  readonly folder: string;
  readonly force: boolean;
  /** Identifies this whole command, as PACKER_RUN_UUID. */
  readonly runUuid: string;
  /** The command's run, for processes that must not outlive it. */
  readonly run: Run;
  /** How the incoming artifact was made, for whoever records it. */
  readonly provenance: () => Provenance;
  /** Nothing needs the incoming artifact after this output: it may be used up instead of copied. */
  readonly inputIsSpent: boolean;
  /** Journals a path before it is made, and lets go of it when it is whole. */
  readonly ownPath: (path: string) => void;
  readonly disownPath: (path: string) => void;
}

export interface OutputResult {
  readonly artifact: Artifact;
  /** What becomes of the artifact that came in, unless the template says. */
  readonly keepInput: boolean;
  /** The output knows better than the template (its result still needs the input's files). */
  readonly keepIsForced: boolean;
}

/** @throws KilnError `output-failed` and others */
export type OutputRunner<O> = (output: O, input: Artifact, context: OutputContext) => Promise<OutputResult>;
