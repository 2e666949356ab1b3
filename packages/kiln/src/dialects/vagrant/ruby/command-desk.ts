import type { InputRecorder } from '../files/input-recorder.ts';
import type { ProjectFiles } from '../files/project-files.ts';
import type { CommandAnswer, CommandRequest, FileChange, RawPlace, RefusedCommand } from './messages.ts';
import type { ParentLine } from './parent-line.ts';
import { answerProbe } from './probes.ts';

interface Asked extends CommandRequest {
  readonly environment: Readonly<Record<string, string | null>>;
  readonly place: RawPlace | null;
}

interface DeskOptions {
  readonly files: ProjectFiles;
  readonly inputs: InputRecorder;
  readonly parent: ParentLine;
  readonly trusted: boolean;
}

/** Shells answer with it when there is no such program. */
const noSuchProgram = 127;

/** Decides about the programs that a file wants to be run. */
export class CommandDesk {
  readonly refused: RefusedCommand[] = [];
  /** Plugins that the file asked to have installed. */
  readonly installedPlugins: string[] = [];
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  run(asked: Asked): CommandAnswer {
    const line = asked.words.join(' ');
    const plugins = pluginInstallation(line);
    if (plugins !== undefined) {
      this.installedPlugins.push(...plugins);
      return answered('');
    }
    const known = answerProbe(line);
    if (known !== undefined) {
      this.#options.inputs.sawFile('host', 'host');
      return answered(known);
    }
    if (!this.#options.trusted) return this.#refuse(line, asked.place);
    this.#options.inputs.sawSomethingFleeting(`what \`${line}\` does`);
    this.writeChanges();
    const variables = { ...asked.variables, ...asked.environment };
    const command: CommandRequest = {
      shell: asked.shell,
      words: asked.words,
      folder: asked.folder,
      variables: Object.fromEntries(
        Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== null),
      ),
      ...(asked.input ? { input: asked.input } : {}),
    };
    return this.#options.parent.ask({ kind: 'command', command });
  }

  /** A file that installed plugins starts Vagrant again; nothing else can take the place of the evaluation. */
  exec({ words, place }: { words: string[]; place: RawPlace | null }): { restart: boolean } {
    const line = words.join(' ');
    const parts = line.split(/&&|;/).map((part) => part.trim());
    const isVagrant = parts.every((part) => /^(?:sudo\s+)?(?:\S*\/)?vagrant(?:\s|$)/.test(part));
    if (isVagrant) this.installedPlugins.push(...parts.flatMap((part) => pluginInstallation(part) ?? []));
    const restart = isVagrant && this.installedPlugins.length > 0;
    if (!restart) this.#refuse(line, place);
    return { restart };
  }

  /** Brings what the evaluation wrote to the disk, so that programs find it. */
  writeChanges(): void {
    const { memory } = this.#options.files;
    const changed = memory.changes().filter(([path]) => !path.startsWith('/.kiln/'));
    const changes = changed.map(([path, node]): FileChange => {
      if (node.kind === 'file') return { path, kind: 'file', content: node.file.content.toString('base64') };
      return node.kind === 'link' ? { path, kind: 'link', target: node.target } : { path, kind: node.kind };
    });
    if (changes.length === 0) return;
    this.#options.inputs.sawSomethingFleeting('files that it writes');
    this.#options.parent.ask({ kind: 'changes', changes });
    memory.clear();
  }

  #refuse(command: string, place: RawPlace | null): CommandAnswer {
    this.refused.push({ command, place: place ?? undefined });
    return { ran: false, status: noSuchProgram, out: '', error: '' };
  }
}

function answered(out: string): CommandAnswer {
  return { ran: true, status: 0, out, error: '' };
}

/** The plugins of `vagrant plugin install a b`; undefined for other commands. */
function pluginInstallation(line: string): string[] | undefined {
  const found =
    /^\s*(?:sudo\s+)?(?:\S*\/)?vagrant\s+plugin\s+(?:install|update|repair)\b(?<rest>[^;&|]*)$/.exec(line);
  if (found === null) return undefined;
  const words = found.groups!['rest']!.trim().split(/\s+/);
  return words.filter(
    (word, index) =>
      word !== '' && !word.startsWith('-') && !/^--?(?:plugin-|entry-)/.test(words[index - 1] ?? ''),
  );
}
