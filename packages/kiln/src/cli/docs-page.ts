import { type AnyCommand, type Command, globalOptions } from './command.ts';
import { exitCodeRows, optionRows, usageLine } from './help-text.ts';

/** docs/cli.md, made from the commands' definitions. */
export function cliDocsPage(commands: readonly AnyCommand[]): string {
  const leaves = commands.flatMap((command) => leavesOf(command, 'kiln'));
  const parts = [
    '# The command line',
    '<!-- Made from the definitions in packages/kiln/src/cli/commands by `node scripts/generate.ts`. -->',
    'Every command explains itself with `--help`. Options may stand anywhere before `--`; `--name=value` and `--name value` mean the same.',
    table(
      ['command', 'what it does'],
      leaves.map(({ path, command }) => [`[\`${path}\`](#${anchor(path)})`, command.summary]),
    ),
    '## Exit codes',
    table(['code', 'meaning'], exitCodeRows()),
    '`kiln exec`, and `kiln ssh` with a command, end with the exit code of the command that they ran.',
    '## Environment',
    table(
      ['variable', 'meaning'],
      [
        ['`KILN_HOME`', 'where images, machines and logs are kept; `~/.local/share/kiln` by default'],
        [
          '`KILN_CACHE_SIZE`',
          'what [checkpoints](checkpoints.md) may take, such as `20G`; by default a share of the disk',
        ],
        ['`KILN_NO_CACHE`', 'when set, `kiln packer build` uses no [checkpoints](checkpoints.md)'],
        ['`KILN_VAR_name`', 'value of the variable `name` of a kiln.yaml'],
        ['`NO_COLOR`', 'use no colours'],
      ],
    ),
    '## Options of every command',
    table(['option', 'meaning'], optionTable(Object.keys(globalOptions))),
    ...leaves.map(({ path, command }) => commandSection(path, command)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function leavesOf(command: AnyCommand, parent: string): { path: string; command: Command }[] {
  const path = `${parent} ${command.name}`;
  if (command.kind === 'group') return command.commands.flatMap((one) => leavesOf(one, path));
  return command.hidden ? [] : [{ path, command }];
}

function commandSection(path: string, command: Command): string {
  const parts = [`## ${path}`, `${command.summary}.`, `    ${usageLine(command, path)}`];
  if (command.description) parts.push(command.description);
  const args = [...command.arguments, ...(command.passthrough ? [command.passthrough] : [])];
  if (args.length > 0) {
    parts.push(
      table(
        ['argument', 'meaning'],
        args.map((one) => [`\`${one.name}\``, one.description]),
      ),
    );
  }
  const own = optionRows(command).slice(0, Object.keys(command.options).length);
  if (own.length > 0) {
    parts.push(
      table(
        ['option', 'meaning'],
        own.map(([usage, description]) => [`\`${usage}\``, description]),
      ),
    );
  }
  if (command.examples.length > 0) {
    parts.push(
      ['```sh', ...command.examples.flatMap((one) => [`# ${one.explanation}`, one.command]), '```'].join(
        '\n',
      ),
    );
  }
  return parts.join('\n\n');
}

function optionTable(names: readonly string[]): [string, string][] {
  return names.map((name) => {
    const option = globalOptions[name]!;
    const long = option.type === 'flag' && option.on ? `--no-${name}` : `--${name}`;
    return [`\`${option.short ? `-${option.short}, ` : ''}${long}\``, option.description];
  });
}

/** Columns line up, as the formatter wants them. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [first, ...others] = cells;
  return [line(first!), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}

/** As GitHub makes anchors of headings. */
function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
