import { kilnVersion } from '../../base/version.ts';
import { packerVersion } from '../../text/packer-version.ts';
import type { PackerCommand, PackerCommandGroup, PackerCommands } from './command.ts';
import type { GoFlag } from './go-flags.ts';

/** `packer -help`. */
export function packerOverview(commands: PackerCommands): string {
  return `${[
    'Usage: packer [--version] [--help] <command> [<args>]',
    '',
    'Available commands are:',
    ...commandLines(commands),
    '',
    `This is Kiln ${kilnVersion} with the command line of Packer ${packerVersion}; see \`kiln --help\` for its own.`,
  ].join('\n')}\n`;
}

/** `packer plugins -help`. */
export function groupHelp(name: string, { description, commands }: PackerCommandGroup): string {
  return `${[
    `Usage: packer ${name} <subcommand> [options] [args]`,
    '',
    ...indented(description),
    '',
    'Subcommands:',
    ...commandLines(commands),
  ].join('\n')}\n`;
}

/** `packer COMMAND -help`. */
export async function commandHelp(name: string, command: PackerCommand): Promise<string> {
  const flags = Object.entries(command.flags).filter(([, flag]) => !flag.hidden);
  const usages = flags.map(([flagName, flag]) => flagUsage(flagName, flag));
  const width = Math.max(0, ...usages.map((usage) => usage.length));
  const options = flags.length > 0 ? ' [options]' : '';
  return `${[
    `Usage: packer ${name}${options}${command.operands === '' ? '' : ` ${command.operands}`}`,
    '',
    ...indented(command.description),
    ...(command.details ? ['', ...indented(await command.details())] : []),
    ...(flags.length === 0
      ? []
      : [
          '',
          'Options:',
          '',
          ...flags.map(([, flag], index) => `  ${usages[index]!.padEnd(width)}  ${flag.description}`),
        ]),
  ].join('\n')}\n`;
}

function commandLines(commands: PackerCommands): string[] {
  const shown = Object.entries(commands).filter(([, { isHidden }]) => !isHidden);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, { summary }]) => `    ${name.padEnd(width)}    ${summary}`);
}

function flagUsage(name: string, flag: GoFlag): string {
  switch (flag.type) {
    case 'boolean':
      return flag.default ? `-${name}=false` : `-${name}`;
    case 'choice':
      return `-${name}=[${flag.choices.join('|')}]`;
    case 'pairs':
      return `-${name} '${flag.value}'`;
    default:
      return `-${name}=${flag.value}`;
  }
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
}
