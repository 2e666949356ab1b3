import type { CliContext } from './context.ts';

/**
 * A command as data. Parsing, `--help`, shell completion and docs/cli.md are all made from it. The code that does
 * the work is loaded only when the command runs.
 */
export interface Command<O extends Options = Options> {
  readonly kind: 'command';
  readonly name: string;
  /** One line, as an instruction, without a full stop. */
  readonly summary: string;
  /** More, in paragraphs. */
  readonly description?: string;
  readonly options: O;
  readonly arguments: readonly Argument[];
  /** What may follow `--` and is handed on untouched. Without it, `--` only ends the options. */
  readonly passthrough?: { readonly name: string; readonly description: string };
  /**
   * Options end after so many arguments: what follows belongs to somebody else's command line. With 0 all of it does,
   * `--help` too.
   */
  readonly optionsEndAfter?: number;
  readonly examples: readonly Example[];
  /** Left out of overviews. */
  readonly hidden?: boolean;
  readonly load: () => Promise<{ readonly run: Action<O> }>;
}

/** A command that only has commands of its own, such as `kiln image`. */
export interface CommandGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly commands: readonly AnyCommand[];
}

/** Any command: the parser gives each one's action the values that its own options describe. */
export type AnyCommand = Command | CommandGroup;

/** Does the work and gives the exit code. */
export type Action<O extends Options> = (input: CommandInput<O>, context: CliContext) => Promise<number>;

export interface CommandInput<O extends Options = Options> {
  readonly options: OptionValues<O>;
  readonly args: readonly string[];
  /** What stood behind `--`, for commands with a passthrough. */
  readonly passthrough: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

export type Option = FlagOption | TextOption | ListOption | NumberOption | ChoiceOption;

interface OptionBase {
  readonly description: string;
  /** One letter, for `-x`. */
  readonly short?: string;
}

/** On or off. With `on: true` it is on unless `--no-…` is given. */
export interface FlagOption extends OptionBase {
  readonly type: 'flag';
  readonly on?: true;
}

export interface TextOption extends OptionBase {
  readonly type: 'text';
  /** Word for the value in help texts. */
  readonly value: string;
  readonly complete?: Completion;
}

/** May be given several times. */
export interface ListOption extends OptionBase {
  readonly type: 'list';
  readonly value: string;
  /** Commas separate several values too. */
  readonly commas?: true;
  readonly complete?: Completion;
}

export interface NumberOption extends OptionBase {
  readonly type: 'number';
  readonly value: string;
  readonly min: number;
}

export interface ChoiceOption<C extends string = string> extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly C[];
}

export interface Argument {
  /** In capitals, as in help texts. */
  readonly name: string;
  readonly description: string;
  readonly required?: true;
  readonly repeats?: true;
  readonly complete?: Completion;
}

/** What a shell offers for a value. */
export type Completion = 'file' | 'folder' | readonly string[];

export interface Example {
  readonly command: string;
  readonly explanation: string;
}

export type OptionValues<O extends Options> = { readonly [K in keyof O]: OptionValue<O[K]> };

type OptionValue<T extends Option> = T extends FlagOption
  ? boolean
  : T extends ListOption
    ? readonly string[]
    : T extends NumberOption
      ? number | undefined
      : T extends ChoiceOption<infer C>
        ? C | undefined
        : string | undefined;

export function defineOptions<const O extends Options>(options: O): O {
  return options;
}

export function defineCommand<O extends Options>(command: Omit<Command<O>, 'kind'>): Command {
  // The parser reads values by these very options, so the action gets what its type says.
  return { kind: 'command', ...command } as unknown as Command;
}

export function defineGroup(group: Omit<CommandGroup, 'kind'>): CommandGroup {
  return { kind: 'group', ...group };
}

/** Options that every command has. */
export const globalOptions: Options = defineOptions({
  help: { type: 'flag', short: 'h', description: 'Show how to use the command.' },
  color: {
    type: 'flag',
    on: true,
    description: 'Use no colours (the environment variable NO_COLOR does the same).',
  },
});
