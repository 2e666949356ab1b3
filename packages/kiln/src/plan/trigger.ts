import type { SourceLocation } from '../base/errors.ts';
import type { Step } from './step.ts';

/** Something that is done before or after a command, or a part of one. */
export interface Trigger {
  readonly when: 'before' | 'after';
  /** A command such as `up`, or `all`. */
  readonly command: string;
  /** `action`: the work of a command on one machine; `command`: the command as a whole. */
  readonly type: 'action' | 'command';
  readonly name?: string;
  /** Texts that are shown before it runs. */
  readonly info?: string;
  readonly warn?: string;
  /** On the host. */
  readonly run?: Step;
  /** In the machine. */
  readonly runRemote?: Step;
  /** A block of the file's own language: file and line. */
  readonly code?: readonly [file: string, line: number];
  readonly onError: 'halt' | 'continue';
  /** Exit codes of `run` and `runRemote` that are no failure. */
  readonly exitCodes: readonly number[];
  /** Commands that `all` leaves out. */
  readonly ignore: readonly string[];
  /** Machines; undefined: all. A pattern is a JavaScript regular expression. */
  readonly onlyOn?: readonly (string | { readonly pattern: string; readonly flags: string })[];
  /** Ends everything with this exit code. */
  readonly abort?: number;
  readonly at?: SourceLocation;
}
