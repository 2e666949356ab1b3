import { KilnError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { AnyCommand, Command } from './command.ts';
import { commandTable } from './commands/table.ts';
import { type CliContext, createContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { parseArguments } from './parse-arguments.ts';

/** Runs one command line to its end and ends the process with its exit code. */
export async function runProgram(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputLost);
  let code: number;
  try {
    code = await dispatch(words);
  } catch (error) {
    const { reportError } = await import('./report-error.ts');
    code = await reportError(error, createContext(!words.includes('--no-color')), words);
  }
  await Promise.all([process.stdout, process.stderr].map(flush));
  process.exit(code);
}

/**
 * Whoever reads the output may stop early, as `head` does, and terminals and disks go away: that is no mistake of
 * Kiln's. Work that runs is ended as by a signal, so that it cleans up; where there is none this is the end.
 */
function onOutputLost(): void {
  if (process.listenerCount('SIGTERM') === 0) process.exit(exitCodes.failed);
  if (!outputIsLost) process.emit('SIGTERM', 'SIGTERM');
  outputIsLost = true;
}

let outputIsLost = false;

async function dispatch(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h') {
    const { printOverview } = await import('./help-text.ts');
    const context = createContext(!words.includes('--no-color'));
    // Without a command there is nothing that succeeded.
    await printOverview(first === undefined ? context.stderr : context.stdout);
    return first === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const load = Object.hasOwn(commandTable, first) ? commandTable[first] : undefined;
  if (!load) throw unknownCommand(first, 'kiln', Object.keys(commandTable));
  return runCommand(await load(), `kiln ${first}`, rest);
}

async function runCommand(command: AnyCommand, path: string, words: readonly string[]): Promise<number> {
  if (command.kind === 'command') return runLeaf(command, path, words);
  const [first, ...rest] = words;
  const names = command.commands.map((one) => one.name);
  if (first === undefined || first === '--help' || first === '-h') {
    const { groupHelp } = await import('./help-text.ts');
    const context: CliContext = createContext(!words.includes('--no-color'));
    const stream = first === undefined ? context.stderr : context.stdout;
    stream.write(groupHelp(command, path, stream.paint));
    return first === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const found = command.commands.find((one) => one.name === first);
  if (!found) throw unknownCommand(first, path, names);
  return runCommand(found, `${path} ${first}`, rest);
}

async function runLeaf(command: Command, path: string, words: readonly string[]): Promise<number> {
  const { input, help, color } = parseArguments(command, path, words);
  const context = createContext(color);
  if (help) {
    const { commandHelp } = await import('./help-text.ts');
    context.stdout.write(commandHelp(command, path, context.stdout.paint));
    return exitCodes.ok;
  }
  const { run } = await command.load();
  return run(input, context);
}

function unknownCommand(name: string, path: string, names: readonly string[]): KilnError {
  const what = name.startsWith('-') ? 'option' : 'command';
  const overview = `see \`${path} --help\``;
  const guess = what === 'command' ? didYouMean(name, names) : undefined;
  return new KilnError('bad-usage', `${path}: there is no ${what} ${name}`, {
    hint: guess ? `${guess} (${overview})` : overview,
  });
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
