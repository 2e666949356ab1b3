import type { CompletedCommand, CompletedOption } from './words.ts';

/** Completion for bash 4 and newer. It starts no program: all words are in it. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const groups = commands.filter((one) => one.path !== '' && one.subcommands.length > 0);
  return `# Completion of kiln for bash. Load it with: source <(kiln completion bash)
_kiln() {
  local cur prev path word words values
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  path=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    case $path in
      '') path=$word ;;
      ${groups.map((one) => `'${one.path}'`).join('|') || "' '"}) path="$path $word" ;;
      *) break ;;
    esac
  done
  values=
  case "$path $prev" in
${commands.flatMap(optionCases).join('\n')}
  esac
  case $values in
    '') ;;
    :file) COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames; return ;;
    :folder) COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames; return ;;
    :anything) COMPREPLY=(); return ;;
    *) COMPREPLY=($(compgen -W "$values" -- "$cur")); return ;;
  esac
  words=
  values=
  case $path in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $cur == -* || -z $values ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [[ $values == :file || $values == :folder ]]; then
    COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames
  else
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  fi
}
complete -F _kiln kiln
`;
}

function optionCases({ path, options }: CompletedCommand): string[] {
  return options.flatMap((option) => {
    if (option.values === undefined) return [];
    const names = [option.long, ...(option.short ? [option.short] : [])];
    return `    ${names.map((name) => `'${path} ${name}'`).join('|')}) values='${bashValues(option.values)}' ;;`;
  });
}

function commandCase({ path, subcommands, options, values }: CompletedCommand): string {
  const words = [...subcommands.map((one) => one.name), ...options.flatMap(namesOf)].join(' ');
  const offered = values === undefined ? '' : ` values='${bashValues(values)}'`;
  return `    '${path}') words='${words}'${offered} ;;`;
}

function namesOf({ long, short }: CompletedOption): string[] {
  return short === undefined ? [long] : [long, short];
}

function bashValues(values: NonNullable<CompletedOption['values']>): string {
  return typeof values === 'string' ? `:${values}` : values.join(' ');
}
