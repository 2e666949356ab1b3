import type { Painter } from '../colors.ts';
import type { GoFlags, GoFlagValues } from './go-flags.ts';
import type { PackerLog } from './log.ts';
import type { PackerUi } from './ui.ts';

/** A command of Packer as data, and what it does. Its help text is made from this. */
export interface PackerCommand<F extends GoFlags = GoFlags> {
  /** What stands behind the command's name in its usage line, such as `TEMPLATE`. */
  readonly operands: string;
  /** In paragraphs. */
  readonly description: string;
  /** More for the help text, which takes some loading. */
  readonly details?: () => Promise<string>;
  readonly flags: F;
  /** How many words may follow the flags. Another number shows the help and fails. */
  readonly arguments: { readonly min: number; readonly max: number };
  /** Does the work and gives the exit code. */
  run(input: PackerInput<F>, context: PackerContext): Promise<number>;
}

/** A command that only has commands of its own, such as `plugins`. */
export interface PackerCommandGroup {
  readonly description: string;
  readonly commands: PackerCommands;
}

export type PackerCommands = Readonly<Record<string, PackerCommandEntry>>;

export interface PackerCommandEntry {
  readonly summary: string;
  /** Left out of overviews. */
  readonly isHidden?: true;
  readonly load: () => Promise<AnyPackerCommand>;
}

export type AnyPackerCommand = PackerCommand | PackerCommandGroup;

export interface PackerInput<F extends GoFlags = GoFlags> {
  readonly flags: GoFlagValues<F>;
  readonly args: readonly string[];
}

/** What a command has of the world outside. */
export interface PackerContext {
  readonly ui: PackerUi;
  readonly log: PackerLog;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Colours for errors; they are given on terminals only. */
  readonly paint: Painter;
}

export function definePackerCommand<F extends GoFlags>(command: PackerCommand<F>): PackerCommand {
  // The parser reads values by these very flags, so `run` gets what its type says.
  return command as unknown as PackerCommand;
}
