import { everywhere, type RubyFlag, type RubyFlags } from './ruby-flags.ts';
import type { VagrantCommand, VagrantCommandGroup, VagrantCommands } from './vagrant-command.ts';

/** What `vagrant` says alone, or with `--help`. */
export function vagrantOverview(commands: VagrantCommands): string {
  const common = Object.entries(commands).filter(([, { isRare }]) => !isRare);
  return [
    'Usage: vagrant [options] <command> [<args>]',
    '',
    '    -h, --help                       Show this help.',
    '',
    'Common commands:',
    ...listed(common.map(([name, { summary }]) => [name, summary])),
    '',
    '`vagrant COMMAND -h` explains a command, `vagrant list-commands` shows all of them.',
    ...flagLines(everywhere),
    '',
  ].join('\n');
}

export function groupHelp(name: string, { commands }: VagrantCommandGroup): string {
  return [
    `Usage: vagrant ${name} <subcommand> [<args>]`,
    '',
    'Available subcommands:',
    ...Object.keys(commands).map((one) => `     ${one}`),
    '',
    `\`vagrant ${name} <subcommand> -h\` explains one of them.`,
    ...flagLines(everywhere),
    '    -h, --help                       Show this help.',
    '',
  ].join('\n');
}

export function commandHelp(
  name: string,
  { operands, description, flags }: Pick<VagrantCommand, 'operands' | 'description' | 'flags'>,
): string {
  const own = flagLines(flags);
  return [
    `Usage: vagrant ${name}${operands === '' ? '' : ` ${operands}`}`,
    ...(description === undefined ? [] : ['', description]),
    ...(own.length === 0 ? [] : ['', 'Options:', '', ...own]),
    ...flagLines(everywhere),
    '    -h, --help                       Show this help.',
    '',
  ].join('\n');
}

export function listed(
  rows: readonly (readonly [name: string, summary: string])[],
  indent = '     ',
): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  return rows
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, summary]) => `${indent}${name.padEnd(width)} ${summary}`);
}

function flagLines(flags: RubyFlags): string[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, flag]) => {
      const spelling = `${flag.short === undefined ? '    ' : `-${flag.short}, `}${longSpelling(name, flag)}`;
      const padded = spelling.length > 32 ? `${spelling}\n${' '.repeat(37)}` : spelling.padEnd(33);
      return `    ${padded}${flag.description}`;
    });
}

function longSpelling(name: string, flag: RubyFlag): string {
  if (flag.type !== 'switch') return `--${name} ${flag.value}`;
  if (flag.forms === undefined) return `--${name}`;
  return flag.forms === 'off' ? `--no-${name}` : `--[no-]${name}`;
}
