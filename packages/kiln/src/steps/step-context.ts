import type { EmitEvent } from '../base/events.ts';
import type { Guest } from '../guests/guest.ts';
import type { Text } from '../plan/text.ts';
import type { MachineConnection } from './machine-connection.ts';

/** What a step gets to work with. */
export interface StepContext {
  readonly build: { readonly name: string; readonly type: string };
  readonly guest: Guest;
  /** The build's run-time values by Packer's names. */
  readonly values: Readonly<Record<string, string>>;
  readonly render: (text: Text, data?: Readonly<Record<string, unknown>>) => string;
  /** A line for people that is not output of the machine. */
  readonly say: (text: string) => void;
  /** A line that the machine, or a local script, printed. */
  readonly output: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly emit: EmitEvent;
  /** Raised on cancellation and when the step's timeout is over. */
  readonly signal: AbortSignal;
  /** Folder for local temporary files, removed at the end. */
  readonly scratch: string;
  /** Folder that relative local paths refer to. */
  readonly folder: string;
  /** Gets what a URL has into a local file, which is not to be written to. Its SHA-256 has been checked. */
  readonly fetch?: (url: string, digest: string) => Promise<string>;
  /** Journals a local process, right after its start, that must not outlive the command. */
  readonly ownProcess?: (pid: number) => void;
  /** How programs of this host reach the machine by SSH; undefined where only `values` tell. */
  readonly connection?: () => Promise<MachineConnection>;
  /** The machines of the project that run, with this one, by name: they can be in one inventory. */
  readonly neighbours?: () => Promise<ReadonlyMap<string, MachineConnection>>;
  /** To be called when the machine was restarted by a step and answers again. */
  readonly restarted?: () => Promise<void>;
  /** Asks the person at the terminal. Resolves with an empty string where there is none. */
  readonly ask: (question: string) => Promise<string>;
}

/**
 * Runs one kind of step. Retries, pauses before and timeouts are the engine's; a runner only does the work.
 * @throws KilnError `step-failed` and the guest's errors
 */
export type StepRunner<S> = (step: S, context: StepContext) => Promise<void>;
