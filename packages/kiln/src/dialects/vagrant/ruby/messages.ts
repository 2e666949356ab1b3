import type { ProviderWishes } from '../choose-provider.ts';
import type { RecordedInputs } from '../files/input-recorder.ts';
import type { PathType } from '../files/observe.ts';
import type { FileRefusal } from '../files/project-files.ts';
import type { Reach } from '../files/reach.ts';
import type { RawResult } from './raw-result.ts';

/** What a child process is asked to evaluate: its first line of input. */
export interface EvaluationRequest {
  /** The module with Ruby in it. */
  readonly image: string;
  readonly reach: Reach;
  /** The working directory, which relative paths in the file are meant from. */
  readonly folder: string;
  /** `Vagrantfile` in the user's Vagrant folder, when there is one. */
  readonly homeFile: string | undefined;
  readonly rootFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The words of the command line, which the file finds in `ARGV`. */
  readonly words: readonly string[];
  readonly providers: ProviderWishes;
  /** Vagrant's folder of boxes, and the architecture of this host as boxes name it. */
  readonly boxes: { readonly folder: string; readonly architecture: string };
  /** Instead of reading the configuration, run the Ruby of a trigger. */
  readonly trigger?: TriggerCall;
  readonly dotfiles: string;
  /** Plugins that the file would install, and that it is told are there. */
  readonly acceptedPlugins: readonly string[];
}

/** A trigger by its machine and its place in the list, and what its block is told of the machine. */
export interface TriggerCall {
  readonly machine: string;
  readonly when: 'before' | 'after';
  readonly index: number;
  readonly facts: {
    readonly id?: string;
    /** Such as `running`. */
    readonly state?: string;
    readonly ssh_info?: Readonly<Record<string, unknown>>;
  };
}

/** A program that the file wants to be run. */
export interface CommandRequest {
  /** One text for the shell, else words. */
  readonly shell: boolean;
  readonly words: readonly string[];
  readonly folder: string;
  /** All variables the program would see. */
  readonly variables: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface CommandAnswer {
  /** False when it was not run at all. */
  readonly ran: boolean;
  /** There is no such program. */
  readonly missing?: boolean;
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** A change that the evaluation made to files of a trusted project. Contents are in base64. */
export type FileChange =
  | { readonly path: string; readonly kind: 'file'; readonly content: string }
  | { readonly path: string; readonly kind: 'folder' }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }
  | { readonly path: string; readonly kind: 'gone' };

/** A line from the child. All but the last one are answered with one line. */
export type ChildMessage =
  | { readonly kind: 'command'; readonly command: CommandRequest }
  /** What stands at a path that the child itself may not look at. */
  | { readonly kind: 'type'; readonly path: string }
  | { readonly kind: 'changes'; readonly changes: readonly FileChange[] }
  | { readonly kind: 'done'; readonly outcome: EvaluationOutcome };

export interface ChildAnswers {
  readonly command: CommandAnswer;
  readonly type: { readonly type: PathType };
  readonly changes: Record<string, never>;
}

/** What came of an evaluation. */
export interface EvaluationOutcome {
  /** Undefined when Ruby did not get to an end. */
  readonly result: RawResult | undefined;
  /** The file asked to be started again, after it installed plugins. */
  readonly restart: { readonly plugins: readonly string[] } | undefined;
  /** Why Ruby was ended, when it was. */
  readonly contained: string | undefined;
  readonly output: readonly OutputPart[];
  readonly inputs: RecordedInputs;
  readonly refusals: readonly FileRefusal[];
  readonly refusedCommands: readonly RefusedCommand[];
  /** What it wrote, when the project is not trusted: paths only. */
  readonly unwritten: readonly string[];
}

/** Text that the file printed. */
export interface OutputPart {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface RefusedCommand {
  readonly command: string;
  readonly place: RawPlace | undefined;
}

/** File and line. */
export type RawPlace = readonly [string, number];
