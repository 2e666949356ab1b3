/**
 * What happens while Kiln works, as data. The engine and the rooms below it emit these; renderers in
 * `cli/` and the service draw them. `build` is the name people see in front of the line.
 */
export type KilnEvent =
  | BuildStarted
  | BuildFinished
  | StageStarted
  | StageFinished
  | OutputLine
  | Message
  | Progress
  | ArtifactMade;

export interface BuildStarted {
  readonly kind: 'build-started';
  readonly build: string;
  /** Where the whole log of this build is written. */
  readonly logFile?: string;
  /** Number of stages the build will have, when known. */
  readonly stages?: number;
}

export interface BuildFinished {
  readonly kind: 'build-finished';
  readonly build: string;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly error?: string;
  readonly milliseconds: number;
}

/** A part of a build that a person would name: booting, one step, one output. */
export interface StageStarted {
  readonly kind: 'stage-started';
  readonly build: string;
  /** A phrase such as `booting the machine` or `step 2 of 3: shell`. */
  readonly stage: string;
  /** Which output of the build this is, when it is one. */
  readonly output?: StageOutput;
  /** Nothing will run: the result is there. */
  readonly restored?: true;
}

export interface StageOutput {
  readonly kind: string;
  /** Its own name in the template. */
  readonly name?: string;
}

export interface StageFinished {
  readonly kind: 'stage-finished';
  readonly build: string;
  readonly stage: string;
  /** `restored`: its result came from a checkpoint, and nothing was run. */
  readonly outcome: 'succeeded' | 'restored' | 'failed' | 'cancelled';
  readonly milliseconds: number;
}

/** A whole line that something inside the machine, or a local script, printed. */
export interface OutputLine {
  readonly kind: 'output';
  readonly build: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

export interface Message {
  readonly kind: 'message';
  readonly build?: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

export interface Progress {
  readonly kind: 'progress';
  readonly build?: string;
  /** What is being done, such as `downloading debian.qcow2`. The same label updates the same bar. */
  readonly label: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'items';
}

export interface ArtifactMade {
  readonly kind: 'artifact';
  readonly build: string;
  readonly description: string;
  readonly files: readonly string[];
}

export type EmitEvent = (event: KilnEvent) => void;
