import { DiagnosticsError } from '../../base/diagnostics.ts';
import { kilnHome } from '../../base/home.ts';
import { findVagrantfile, type VagrantfilePlace } from '../../dialects/vagrant/find-vagrantfile.ts';
import { livingRecords } from '../../machines/find-machine.ts';
import type { MachineRecord } from '../../machines/machine-record.ts';
import { type VagrantHome, vagrantHome } from '../../store/boxes/vagrant-home.ts';
import type { CliContext } from '../context.ts';
import type { VagrantProject } from '../load-vagrantfile.ts';
import { type MachineFolder, machineFolders } from './state/machine-folders.ts';
import { type MachineIndex, readIndex } from './state/machine-index.ts';
import { VagrantError } from './vagrant-error.ts';
import type { VagrantUi } from './vagrant-ui.ts';

/** What a command of `kiln vagrant` works with. The Vagrantfile is only evaluated for those that ask for it. */
export class Session {
  readonly context: CliContext;
  readonly ui: VagrantUi;
  /** The command line as it was given: what the file finds in `ARGV`. */
  readonly words: readonly string[];
  /** `$KILN_HOME`. */
  readonly home: string;
  readonly vagrantHome: VagrantHome;
  #place: VagrantfilePlace | undefined | null = null;
  #project: { readonly provider: string | undefined; readonly loaded: Promise<VagrantProject> } | undefined;
  #hasPrinted = false;
  readonly #told = new Set<string>();

  constructor(context: CliContext, ui: VagrantUi, words: readonly string[]) {
    this.context = context;
    this.ui = ui;
    this.words = words;
    this.home = kilnHome(context.env);
    this.vagrantHome = vagrantHome(context.env);
  }

  /** The Vagrantfile here or above; undefined where there is none. @throws KilnError `not-found` */
  get place(): VagrantfilePlace | undefined {
    if (this.#place === null) {
      this.#place =
        this.context.env['VAGRANT_VAGRANTFILE'] === ''
          ? undefined
          : findVagrantfile(this.context.cwd, this.context.env);
    }
    return this.#place;
  }

  /** @throws VagrantError `NoEnvironmentError` */
  get neededPlace(): VagrantfilePlace {
    if (this.place !== undefined) return this.place;
    throw new VagrantError(
      'NoEnvironmentError',
      'there is no Vagrantfile here or in a folder above',
      '`vagrant init` writes one, or change into the folder of a project',
    );
  }

  /**
   * What the Vagrantfile says. Evaluated once for each provider that is asked for.
   * @throws VagrantError, DiagnosticsError, EndedByFile
   */
  project(provider?: string): Promise<VagrantProject> {
    if (this.#project === undefined || this.#project.provider !== provider) {
      this.#project = { provider, loaded: this.#load(provider) };
    }
    return this.#project.loaded;
  }

  /** Programs are told once what each machine is made with. */
  tellProvider(machine: string, provider: string): void {
    if (this.#told.has(machine)) return;
    this.#told.add(machine);
    this.ui.of(machine).machine('metadata', 'provider', provider);
  }

  /** The file is to be read again: a box came that has a Vagrantfile of its own. */
  forgetProject(): void {
    this.#project = undefined;
  }

  async #load(provider: string | undefined): Promise<VagrantProject> {
    const { file } = this.neededPlace;
    const { loadVagrantfile } = await import('../load-vagrantfile.ts');
    try {
      const project = await loadVagrantfile(
        file,
        { words: this.words, existing: this.#existing(), ...(provider !== undefined && { provider }) },
        this.context,
      );
      this.#print(project.output);
      return project;
    } catch (error) {
      if (error instanceof DiagnosticsError) throw fileError(error);
      throw error;
    }
  }

  /** What the file prints is on standard output, and in front of everything else, as with Vagrant. */
  #print(output: VagrantProject['output']): void {
    if (this.#hasPrinted) return;
    this.#hasPrinted = true;
    for (const { stream, text } of output) this.context[stream].write(text);
  }

  /** Providers of machines that are there. */
  #existing(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.folders.flatMap(({ name, provider, owner }) => (owner ? [[name, provider]] : [])),
    );
  }

  /** Folders of machines in the project's `.vagrant`. */
  get folders(): readonly MachineFolder[] {
    return this.place === undefined ? [] : machineFolders(this.place.dotfiles);
  }

  /** Kiln's machines of this project. */
  async records(): Promise<readonly MachineRecord[]> {
    const folder = this.place?.folder;
    if (folder === undefined) return [];
    return (await livingRecords(this.home)).filter(({ project }) => project === folder);
  }

  get index(): MachineIndex {
    return readIndex(this.vagrantHome.machineIndex);
  }

  /** The same for another project. */
  at(folder: string, vagrantfileName?: string): Session {
    const env = {
      ...this.context.env,
      VAGRANT_CWD: undefined,
      VAGRANT_DOTFILE_PATH: undefined,
      VAGRANT_VAGRANTFILE: vagrantfileName,
    };
    return new Session({ ...this.context, cwd: folder, env }, this.ui, this.words);
  }
}

/** A file that cannot be read as a whole, in the classes by which Vagrant tells it. */
function fileError({ diagnostics }: DiagnosticsError): VagrantError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const text = errors
    .map(({ at, message, hint }) => `${at.file}:${at.line}: ${message}${hint ? ` (${hint})` : ''}`)
    .join('\n');
  const isSyntax = errors.some(({ message }) => /syntax|unexpected|expected/.test(message));
  return new VagrantError(isSyntax ? 'VagrantfileSyntaxError' : 'VagrantfileLoadError', text);
}
