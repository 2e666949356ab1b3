import type { CompletedCommand, CompletedOption } from './words.ts';

/** Completion for fish. It starts no program: all words are in it. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completion of kiln for fish. Load it with: kiln completion fish | source
function __kiln_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l wanted $argv
    for word in $words
        string match -q -- '-*' $word; and break
        test (count $wanted) -eq 0; and break
        test $word = $wanted[1]; or return 1
        set -e wanted[1]
    end
    test (count $wanted) -eq 0
end

function __kiln_exactly
    set -l words (commandline -opc | string match -v -- '-*')
    test (count $words) -eq (math (count $argv) + 1); and __kiln_at $argv
end

complete -c kiln -f
${commands.flatMap(commandLines).join('\n')}
`;
}

function commandLines({ path, subcommands, options, values }: CompletedCommand): string[] {
  const at = path === '' ? '__kiln_exactly' : `__kiln_at ${path}`;
  return [
    ...subcommands.map(
      ({ name, summary }) =>
        `complete -c kiln -n ${quote(`__kiln_exactly ${path}`.trim())} -a ${name} -d ${quote(summary)}`,
    ),
    ...options.map((option) => `complete -c kiln -n ${quote(at)} ${fishOption(option)}`),
    ...(values === undefined ? [] : [`complete -c kiln -n ${quote(at)} ${fishValues(values)}`]),
  ];
}

function fishOption({ long, short, description, values }: CompletedOption): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const value = values === undefined ? '' : ` -r${values === 'anything' ? '' : ` ${fishValues(values)}`}`;
  return `${names}${value} -d ${quote(description)}`;
}

function fishValues(values: NonNullable<CompletedOption['values']>): string {
  if (values === 'file' || values === 'folder') return '-F';
  return values === 'anything' ? '' : `-a ${quote(values.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
