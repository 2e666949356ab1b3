import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { AnyPackerCommand, PackerCommand, PackerCommands, PackerContext } from './command.ts';
import { packerCommands } from './commands.ts';
import { parseGoFlags } from './go-flags.ts';
import { commandHelp, groupHelp, packerOverview } from './help.ts';
import { openPackerLog, type PackerLog } from './log.ts';
import { createHumanUi, createMachineUi, type PackerUi } from './ui.ts';

/** How Packer ends when there is no such command. */
const unknownCommand = 127;

/**
 * Packer's command line (https://developer.hashicorp.com/packer/docs/commands): `packer WORDS…`. Gives the exit code.
 * Results and errors both go to standard output, as scripts that read Packer's output expect.
 */
export async function runPacker(words: readonly string[], outside: CliContext): Promise<number> {
  const isMachineReadable = words.some(
    (word) => word === '-machine-readable' || word === '--machine-readable',
  );
  const wanted = words.filter((word) => word !== '-machine-readable' && word !== '--machine-readable');
  const { stdout, env, cwd } = outside;
  let log: PackerLog = { line: () => {}, close: () => {} };
  const output = { write: stdout.write, log: (text: string) => log.line(text) };
  const ui = isMachineReadable ? createMachineUi(output) : createHumanUi(output);
  const context: PackerContext = {
    ui,
    log: { line: (text) => log.line(text), close: () => log.close() },
    env,
    cwd,
    paint: env.PACKER_NO_COLOR || isMachineReadable ? (_color, text) => text : stdout.paint,
  };
  try {
    log = openPackerLog(env);
    log.line(
      `kiln packer ${wanted
        .map(withoutValue)
        .map((word) => JSON.stringify(word))
        .join(' ')} in ${cwd}`,
    );
    return await dispatch(wanted, context, stdout.write);
  } catch (error) {
    const { reportPackerError } = await import('./report-error.ts');
    return await reportPackerError(error, context, words);
  } finally {
    log.close();
  }
}

/** Values of variables may be secrets, and whether they are is only known once the template was read. */
function withoutValue(word: string, index: number, words: readonly string[]): string {
  const isValue = /^--?var$/.test(words[index - 1] ?? '');
  return word.replace(isValue ? /^([^=]*=).*$/s : /^(--?var=[^=]*=).*$/s, '$1…');
}

async function dispatch(
  words: readonly string[],
  context: PackerContext,
  write: (text: string) => void,
): Promise<number> {
  const { name, topFlags, rest, help, version } = splitWords(words);
  if (version)
    return runLeaf('version', (await packerCommands['version']!.load()) as PackerCommand, [], context);
  const entry = name !== undefined && Object.hasOwn(packerCommands, name) ? packerCommands[name] : undefined;
  if (!name || !entry) {
    write(packerOverview(packerCommands));
    return help && name === undefined ? exitCodes.ok : unknownCommand;
  }
  const command = await entry.load();
  if (help) {
    write(await helpOf(name, command, rest));
    return exitCodes.ok;
  }
  if (topFlags.length > 0) {
    context.ui.error(
      `${topFlags.join(' ')} must stand behind the command, as in: packer ${name} ${topFlags.join(' ')}`,
    );
    write(`\n${await helpOf(name, command, rest)}`);
    return exitCodes.failed;
  }
  return runCommand(name, command, rest, context, write);
}

interface SplitWords {
  readonly name: string | undefined;
  /** Flags that stand before the command, where none may. */
  readonly topFlags: readonly string[];
  readonly rest: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

/** Help may be asked for anywhere before `--`, the version only before the command's name. */
function splitWords(words: readonly string[]): SplitWords {
  const at = words.findIndex((word) => !word.startsWith('-'));
  const top = at < 0 ? words : words.slice(0, at);
  const rest = at < 0 ? [] : words.slice(at + 1);
  const end = rest.indexOf('--');
  const isHelp = (word: string) => word === '-h' || word === '-help' || word === '--help';
  return {
    name: at < 0 ? undefined : words[at],
    topFlags: top.filter((word) => !isHelp(word)),
    rest,
    help: [...top, ...(end < 0 ? rest : rest.slice(0, end))].some(isHelp),
    version: top.some((word) => word === '-v' || word === '-version' || word === '--version'),
  };
}

async function helpOf(name: string, command: AnyPackerCommand, rest: readonly string[]): Promise<string> {
  if (!isGroup(command)) return commandHelp(name, command);
  const sub = rest.find((word) => !word.startsWith('-'));
  const entry = findEntry(command.commands, sub);
  return entry ? helpOf(`${name} ${sub}`, await entry.load(), []) : groupHelp(name, command);
}

async function runCommand(
  name: string,
  command: AnyPackerCommand,
  words: readonly string[],
  context: PackerContext,
  write: (text: string) => void,
): Promise<number> {
  if (!isGroup(command)) return runLeaf(name, command, words, context);
  const [first, ...rest] = words;
  const entry = findEntry(command.commands, first);
  if (entry) return runCommand(`${name} ${first}`, await entry.load(), rest, context, write);
  write(groupHelp(name, command));
  return exitCodes.failed;
}

function findEntry(commands: PackerCommands, name: string | undefined) {
  return name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
}

function isGroup(command: AnyPackerCommand): command is Exclude<AnyPackerCommand, PackerCommand> {
  return 'commands' in command;
}

async function runLeaf(
  name: string,
  command: PackerCommand,
  words: readonly string[],
  context: PackerContext,
): Promise<number> {
  const { ui } = context;
  const parsed = parseGoFlags(command.flags, words);
  if (!parsed.ok) {
    sayHelp(ui, await commandHelp(name, command));
    ui.error(parsed.message);
    return exitCodes.failed;
  }
  const { min, max } = command.arguments;
  if (parsed.args.length < min || parsed.args.length > max) {
    sayHelp(ui, await commandHelp(name, command));
    const late = parsed.args.find((word) => /^-./.test(word));
    if (late !== undefined) ui.error(`flags must stand before the template, and ${late} does not`);
    return exitCodes.failed;
  }
  return command.run({ flags: parsed.values, args: parsed.args }, context);
}

function sayHelp(ui: PackerUi, help: string): void {
  ui.say(help.trimEnd());
}
