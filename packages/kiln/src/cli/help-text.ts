import type { Painter } from './colors.ts';
import { type Argument, type Command, type CommandGroup, globalOptions, type Option } from './command.ts';
import { loadAllCommands } from './commands/table.ts';
import type { Stream } from './context.ts';
import { exitCodeMeanings } from './exit-codes.ts';

/** `kiln --help`. */
export async function printOverview(stream: Stream): Promise<void> {
  const commands = (await loadAllCommands()).filter((one) => one.kind === 'group' || !one.hidden);
  const bold = (text: string) => stream.paint('bold', text);
  stream.write(
    `${[
      'Kiln takes you from a template to a disk image, and from an image to a running machine.',
      '',
      `${bold('Usage')}: kiln COMMAND [ARGUMENTS]`,
      '',
      bold('Commands'),
      ...table(commands.map((one) => [one.name, one.summary])),
      '',
      bold('Begin with'),
      ...table([
        ['kiln doctor', 'see what this host offers and lacks'],
        ['kiln build', 'build the images of ./kiln.yaml'],
        ['kiln help build', 'read about one command'],
      ]),
    ].join('\n')}\n`,
  );
}

/** `kiln COMMAND --help`. */
export function commandHelp(command: Command, path: string, paint: Painter): string {
  const heading = (text: string) => paint('bold', text);
  const sections: string[][] = [
    [`${command.summary}.`],
    [`${heading('Usage')}: ${usageLine(command, path)}`],
  ];
  if (command.description) sections.push([command.description]);
  const args = [...command.arguments, ...(command.passthrough ? [command.passthrough] : [])];
  if (args.length > 0) {
    sections.push([heading('Arguments'), ...table(args.map((one) => [one.name, one.description]))]);
  }
  sections.push([heading('Options'), ...table(optionRows(command))]);
  if (command.examples.length > 0) {
    sections.push([
      heading('Examples'),
      ...command.examples.flatMap(({ command: line, explanation }) => [
        paint('dim', `  # ${explanation}`),
        `  ${line}`,
      ]),
    ]);
  }
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** `kiln GROUP --help`. */
export function groupHelp(group: CommandGroup, path: string, paint: Painter): string {
  const lines = [
    `${group.summary}.`,
    '',
    `${paint('bold', 'Usage')}: ${path} COMMAND [ARGUMENTS]`,
    ...(group.description ? ['', group.description] : []),
    '',
    paint('bold', 'Commands'),
    ...table(group.commands.map((one) => [one.name, one.summary])),
  ];
  return `${lines.join('\n')}\n`;
}

export function usageLine(command: Command, path: string): string {
  const words = [path];
  words.push('[OPTIONS]', ...command.arguments.map(argumentUsage));
  if (command.passthrough) words.push(`[-- ${command.passthrough.name}]`);
  return words.join(' ');
}

function argumentUsage({ name, required, repeats }: Argument): string {
  const word = `${name}${repeats ? '…' : ''}`;
  return required ? word : `[${word}]`;
}

/** Options with their descriptions; the command's own first. */
export function optionRows(command: Command): readonly (readonly [string, string])[] {
  return Object.entries({ ...command.options, ...globalOptions }).map(([name, option]) => [
    optionUsage(name, option),
    option.type === 'choice'
      ? `${option.description} One of ${option.choices.join(', ')}.`
      : option.description,
  ]);
}

function optionUsage(name: string, option: Option): string {
  const long = option.type === 'flag' && option.on ? `--no-${name}` : `--${name}`;
  const short = option.short ? `-${option.short}, ` : '';
  if (option.type === 'flag') return `${short}${long}`;
  return `${short}${long} ${option.type === 'choice' ? name.split('-').at(-1)!.toUpperCase() : option.value}`;
}

/** What every command's exit codes mean. */
export function exitCodeRows(): readonly (readonly [string, string])[] {
  return exitCodeMeanings.map(([code, meaning]) => [String(code), meaning]);
}

/** Two columns, the second wrapped to stay readable. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, 96 - width);
    const lines = more.map((line) => `  ${' '.repeat(width)}  ${line}`);
    return left.length > width
      ? [`  ${left}`, `  ${' '.repeat(width)}  ${first}`, ...lines]
      : [`  ${left.padEnd(width)}  ${first}`, ...lines];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
