import type { CompletedCommand, CompletedOption } from './words.ts';

/** Completion for zsh. It starts no program: all words are in it. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const [top, ...others] = commands;
  return `#compdef kiln
# Completion of kiln for zsh. Load it with: source <(kiln completion zsh)
_kiln() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${(top?.options ?? []).map((option) => `    ${zshOption(option)} \\`).join('\n')}
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
${describe(top?.subcommands ?? [], '      ')}
      ;;
    rest)
      case $words[1] in
${others
  .filter((one) => !one.path.includes(' '))
  .map((one) => `        ${one.path}) ${functionName(one)} ;;`)
  .join('\n')}
      esac
      ;;
  esac
}

${others.map(commandFunction).join('\n\n')}

if [[ $funcstack[1] == _kiln ]]; then
  _kiln "$@"
else
  compdef _kiln kiln
fi
`;
}

function commandFunction(command: CompletedCommand): string {
  if (command.subcommands.length > 0) {
    return `${functionName(command)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '1: :->command' '*:: :->rest'
  case $state in
    command)
${describe(command.subcommands, '      ')}
      ;;
    rest)
      case $words[1] in
${command.subcommands.map(({ name }) => `        ${name}) _kiln_${identifier(`${command.path} ${name}`)} ;;`).join('\n')}
      esac
      ;;
  esac
}`;
  }
  const options = command.options.map((option) => `    ${zshOption(option)} \\`).join('\n');
  return `${functionName(command)}() {
  _arguments \\
${options}
    '*:${zshValues(command.values)}'
}`;
}

function describe(entries: CompletedCommand['subcommands'], margin: string): string {
  const lines = entries.map(({ name, summary }) => `${margin}  ${quote(`${name}:${summary}`)}`);
  return `${margin}local -a entries=(\n${lines.join('\n')}\n${margin})\n${margin}_describe command entries`;
}

function zshOption({ long, short, description, values }: CompletedOption): string {
  const text = `[${description.replace(/[[\]:\\]/g, '\\$&')}]`;
  const value = values === undefined ? '' : `:${zshValues(values)}`;
  const equals = values === undefined ? '' : '=';
  if (short === undefined) return quote(`*${long}${equals}${text}${value}`);
  return `'(${long} ${short})'{${long}${equals},${short}}${quote(`${text}${value}`)}`;
}

function zshValues(values: CompletedOption['values']): string {
  if (values === undefined || values === 'anything') return ' : ';
  if (values === 'file') return 'file:_files';
  if (values === 'folder') return 'folder:_files -/';
  return `value:(${values.join(' ')})`;
}

function functionName({ path }: CompletedCommand): string {
  return `_kiln_${identifier(path)}`;
}

function identifier(path: string): string {
  return path.replace(/[^a-z0-9]+/g, '_');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
