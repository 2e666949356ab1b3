import { vagrantVersion } from '../../dialects/vagrant/settings/tables.ts';
import type { CliContext } from '../context.ts';
import { commandHelp, groupHelp, vagrantOverview } from './help.ts';
import { parseRubyFlags, type RubyFlags } from './ruby-flags.ts';
import { Session } from './session.ts';
import { type AnyVagrantCommand, isGroup, type VagrantCommand } from './vagrant-command.ts';
import { vagrantCommands } from './vagrant-commands.ts';
import { VagrantError } from './vagrant-error.ts';
import { humanUi, machineUi, type VagrantUi } from './vagrant-ui.ts';

/** How Vagrant ends after an error that it knows, and when it shows its help unasked. */
const failed = 1;

/**
 * Vagrant's command line (https://developer.hashicorp.com/vagrant/docs/cli): `vagrant WORDS…`. Gives the exit code.
 */
export async function runVagrant(words: readonly string[], outside: CliContext): Promise<number> {
  const end = words.indexOf('--');
  const [own, extra] = end < 0 ? [words, undefined] : [words.slice(0, end), words.slice(end + 1)];
  if (own.includes('-v') || own.includes('--version')) {
    outside.stdout.line(`Vagrant ${vagrantVersion}`);
    return 0;
  }
  const ui = uiFor(own, outside);
  const session = new Session(outside, ui, words);
  try {
    return await dispatch(
      own.filter((word) => !globals.has(word)),
      extra,
      session,
    );
  } catch (error) {
    const { reportVagrantError } = await import('./report-vagrant-error.ts');
    return await reportVagrantError(error, session);
  }
}

const globals: ReadonlySet<string> = new Set([
  ...[
    '--machine-readable',
    '--no-color',
    '--color',
    '--debug',
    '--timestamp',
    '--debug-timestamp',
    '--no-tty',
  ],
]);

function uiFor(words: readonly string[], { stdout, stderr, env }: CliContext): VagrantUi {
  const isPlain = words.includes('--no-color') || Boolean(env['VAGRANT_NO_COLOR']);
  const paint = (_color: string, text: string) => text;
  const canAsk = process.stdin.isTTY === true && !words.includes('--no-tty');
  const out = isPlain
    ? { stdout: { write: stdout.write, paint }, stderr: { write: stderr.write, paint }, canAsk }
    : { stdout, stderr, canAsk };
  return words.includes('--machine-readable') ? machineUi(out) : humanUi(out);
}

/** Runs a command line without its global flags. Aliases and `help` come back here. */
export async function dispatch(
  words: readonly string[],
  extra: readonly string[] | undefined,
  session: Session,
): Promise<number> {
  const at = words.findIndex((word) => !word.startsWith('-'));
  const main = at < 0 ? words : words.slice(0, at);
  const name = at < 0 ? undefined : words[at];
  if (main.includes('-h') || main.includes('--help')) return overview(session, 0);
  if (name === undefined) return overview(session, failed);
  const rest = words.slice(at + 1);
  const entry = Object.hasOwn(vagrantCommands, name) ? vagrantCommands[name] : undefined;
  if (entry !== undefined) return runCommand(name, await entry.load(), rest, extra, session);
  const { runAlias } = await import('./aliases.ts');
  return (await runAlias(name, rest, extra, session)) ?? overview(session, failed);
}

function overview(session: Session, code: number): number {
  const common = Object.entries(vagrantCommands).filter(([, { isRare }]) => !isRare);
  for (const name of common.map(([one]) => one).sort()) session.ui.machine('cli-command', name);
  session.ui.info(vagrantOverview(vagrantCommands));
  return code;
}

async function runCommand(
  name: string,
  command: AnyVagrantCommand,
  words: readonly string[],
  extra: readonly string[] | undefined,
  session: Session,
): Promise<number> {
  if (!isGroup(command)) return runLeaf(name, command, words, extra, session);
  const at = words.findIndex((word) => !word.startsWith('-'));
  const main = at < 0 ? words : words.slice(0, at);
  const isHelp = main.includes('-h') || main.includes('--help');
  const sub = at < 0 ? undefined : words[at]!;
  const entry = sub !== undefined && Object.hasOwn(command.commands, sub) ? command.commands[sub] : undefined;
  if (entry !== undefined && !isHelp) {
    return runCommand(`${name} ${sub}`, await entry.load(), words.slice(at + 1), extra, session);
  }
  const help = groupHelp(name, command);
  if (isHelp || command.exitCode === 0) {
    session.ui.info(help);
    return 0;
  }
  throw new VagrantError(
    'CLIInvalidUsage',
    `this was not understood; the help of the command follows\n\n${help}`,
  );
}

async function runLeaf(
  name: string,
  command: VagrantCommand<RubyFlags>,
  words: readonly string[],
  extra: readonly string[] | undefined,
  session: Session,
): Promise<number> {
  const help = commandHelp(name, command);
  const all = extra === undefined || command.takesExtra ? words : [...words, '--', ...extra];
  const isHelp = words.includes('-h') || words.includes('--help');
  const parsed = parseRubyFlags(command.flags, command.ignoresFlags && !isHelp ? [] : all);
  if (parsed.kind === 'help') {
    session.context.stdout.write(help);
    return 0;
  }
  if (parsed.kind === 'invalid') {
    throw new VagrantError(
      'CLIInvalidOptions',
      `${parsed.message}; the help of the command follows\n\n${help}`,
    );
  }
  const { values: flags, args } = parsed;
  const { min, max } = command.arguments ?? { min: 0, max: Number.POSITIVE_INFINITY };
  if (args.length < min || args.length > max) {
    throw new VagrantError(
      'CLIInvalidUsage',
      `this was not understood; the help of the command follows\n\n${help}`,
    );
  }
  return command.run({ flags, args, extra: extra ?? [], help }, session);
}
