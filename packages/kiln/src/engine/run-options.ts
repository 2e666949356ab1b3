import type { EmitEvent } from '../base/events.ts';
import type { StepMachine } from './build-machine.ts';

/** What becomes of a machine whose build failed. */
export type OnError = 'cleanup' | 'abort' | 'ask' | 'run-cleanup-provisioner' | 'resume-later';

/** Which states of builds are kept and used. */
export interface CheckpointOptions {
  /** What is kept after each step: memory and disks, the disks alone, or nothing. */
  readonly mode: 'memory' | 'disk' | 'none';
  /** States that are there already are used. */
  readonly use: boolean;
  /** Name or number (from 1) of a step that is run in any case, with everything after it. */
  readonly refreshFrom?: string;
  /** The memory is kept even when a secret has been in it. */
  readonly secrets?: boolean;
}

/** A look into a machine as it was at some moment of its build. */
export interface Visit {
  /** Number or name of a step, `0` for the machine before its first step, `failed` for the one that failed. */
  readonly at: string;
  /** `scratch` is a folder that goes with the visit. */
  readonly look: (
    machine: StepMachine,
    place: { readonly scratch: string; readonly signal: AbortSignal },
  ) => Promise<void>;
}

export interface RunOptions {
  readonly emit: EmitEvent;
  /** Most builds at a time; undefined lets the machine's memory and cores decide. Builds that make no machine count too. */
  readonly parallel?: number;
  readonly onError?: OnError;
  /** Replace results that are in the way, and build what has not changed. */
  readonly force?: boolean;
  /** Undefined: none are kept or used. */
  readonly checkpoints?: CheckpointOptions;
  /** Go on in the machines that failed and were kept, from the step that failed. */
  readonly resume?: boolean;
  /** Build nothing: bring the machine up as it was after a step, or when it had failed, and let somebody look at it. */
  readonly visit?: Visit;
  /** Ask before each step; builds run one after the other. */
  readonly debug?: boolean;
  /** First interrupt: work stops, clean-ups run. */
  readonly signal?: AbortSignal;
  /** Second interrupt: nothing polite is waited for any more. */
  readonly forceSignal?: AbortSignal;
  /** Folder for `<build>.log`; by default a new one in `$KILN_HOME/logs`, where old ones are removed. */
  readonly logFolder?: string;
  /** Identifies the command as PACKER_RUN_UUID; made up when not given. */
  readonly runUuid?: string;
  /** How long polite ends may take; for tests. */
  readonly graces?: Partial<Graces>;
}

/** Longest waits, in milliseconds, for things that have been told to stop. */
export interface Graces {
  /** A step or output, after its signal was raised. */
  readonly work: number;
  /** A machine that is starting, finishing or being abandoned. */
  readonly machine: number;
  /** The clean-up step, when it has no timeout of its own. */
  readonly cleanupStep: number;
  /** The end of the whole run: processes that are left, temporary files. */
  readonly close: number;
}

export const defaultGraces: Graces = {
  work: 10_000,
  machine: 30_000,
  cleanupStep: 300_000,
  close: 30_000,
};
