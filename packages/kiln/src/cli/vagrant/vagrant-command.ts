import type { RubyFlags, RubyFlagValues } from './ruby-flags.ts';
import type { Session } from './session.ts';

/** A command of Vagrant as data, and what it does. Its help text is made from this. */
export interface VagrantCommand<F extends RubyFlags = RubyFlags> {
  /** What stands behind the command's name in its usage line. */
  readonly operands: string;
  readonly description?: string;
  readonly flags: F;
  /** How many words may follow; another number shows the help and fails. Default: any. */
  readonly arguments?: { readonly min: number; readonly max: number };
  /** Nothing is done with what was given, so that it does not matter. */
  readonly ignoresFlags?: boolean;
  /** What stands behind `--` is kept apart. */
  readonly takesExtra?: true;
  /** Does the work and gives the exit code. */
  readonly run: (input: VagrantInput<F>, session: Session) => Promise<number>;
}

/** A command that only has commands of its own, such as `box`. */
export interface VagrantCommandGroup {
  readonly commands: VagrantCommands;
  /** What calling it without a command of its own gives. */
  readonly exitCode: number;
}

export type VagrantCommands = Readonly<Record<string, VagrantCommandEntry>>;

export interface VagrantCommandEntry {
  /** One line, in lower case. */
  readonly summary: string;
  /** Left out of the overview, as Vagrant leaves it out. */
  readonly isRare?: true;
  readonly load: () => Promise<AnyVagrantCommand>;
}

export type AnyVagrantCommand = VagrantCommand | VagrantCommandGroup;

export interface VagrantInput<F extends RubyFlags = RubyFlags> {
  readonly flags: RubyFlagValues<F>;
  readonly args: readonly string[];
  /** What stood behind `--`. */
  readonly extra: readonly string[];
  /** The command's own help text. */
  readonly help: string;
}

export function defineVagrantCommand<const F extends RubyFlags>(command: VagrantCommand<F>): VagrantCommand {
  // The parser reads values by these very flags, so `run` gets what its type says.
  return command as unknown as VagrantCommand;
}

export function isGroup(command: AnyVagrantCommand): command is VagrantCommandGroup {
  return 'commands' in command;
}
