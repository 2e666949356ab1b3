import {
  type AnyCommand,
  type Argument,
  type Command,
  type Completion,
  globalOptions,
  type Option,
} from '../command.ts';

/** A command as shells complete it: its words from the first on, and what may follow. */
export interface CompletedCommand {
  /** `image list`, or empty for `kiln` itself. */
  readonly path: string;
  readonly summary: string;
  /** Commands below it. */
  readonly subcommands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly CompletedOption[];
  /** Values for its arguments. */
  readonly values: Completion | undefined;
}

export interface CompletedOption {
  /** `--json`, `--no-color`. */
  readonly long: string;
  /** `-j`. */
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined when the option takes no value. */
  readonly values: Completion | 'anything' | undefined;
}

/** Everything that can be completed, from the commands' definitions. */
export function completedCommands(commands: readonly AnyCommand[]): readonly CompletedCommand[] {
  const top: CompletedCommand = {
    path: '',
    summary: '',
    subcommands: namesOf(commands),
    options: [
      { long: '--help', short: '-h', description: 'Show all commands', values: undefined },
      { long: '--version', short: '-V', description: 'Show the version', values: undefined },
    ],
    values: undefined,
  };
  return [top, ...commands.flatMap((command) => below(command, ''))].map((one) =>
    // `kiln help` is followed by the name of a command.
    one.path === 'help' ? { ...one, values: commands.map((command) => command.name) } : one,
  );
}

function below(command: AnyCommand, parent: string): CompletedCommand[] {
  const path = parent === '' ? command.name : `${parent} ${command.name}`;
  if (command.kind === 'group') {
    const group = {
      path,
      summary: command.summary,
      subcommands: namesOf(command.commands),
      options: [],
      values: undefined,
    };
    return [group, ...command.commands.flatMap((one) => below(one, path))];
  }
  return [
    {
      path,
      summary: command.summary,
      subcommands: [],
      options: optionsOf(command),
      values: command.arguments.map((one: Argument) => one.complete).find((one) => one !== undefined),
    },
  ];
}

function namesOf(commands: readonly AnyCommand[]) {
  return commands
    .filter((command) => command.kind === 'group' || !command.hidden)
    .map(({ name, summary }) => ({ name, summary }));
}

function optionsOf(command: Command): CompletedOption[] {
  return Object.entries({ ...command.options, ...globalOptions }).map(([name, option]) => ({
    long: option.type === 'flag' && option.on ? `--no-${name}` : `--${name}`,
    short: option.short === undefined ? undefined : `-${option.short}`,
    description: option.description.replace(/\.$/, ''),
    values: valuesOf(option),
  }));
}

function valuesOf(option: Option): CompletedOption['values'] {
  switch (option.type) {
    case 'flag':
      return undefined;
    case 'choice':
      return option.choices;
    case 'number':
      return 'anything';
    default:
      return option.complete ?? 'anything';
  }
}
