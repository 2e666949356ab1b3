import type { Copy, Variables } from './copy.ts';
import type { StepBase } from './step-base.ts';
import type { Text } from './text.ts';

/**
 * `puppet apply` or `puppet agent` in the machine (https://www.puppet.com/docs/puppet/7/man/apply.html). Paths without a
 * slash in front start in the step's folder there.
 */
export interface PuppetStep extends StepBase {
  readonly kind: 'puppet';
  readonly run: PuppetApply | PuppetAgent;
  readonly copies: readonly Copy[];
  /** Where it works in the machine; undefined: a temporary folder. */
  readonly folder?: string;
  readonly cleanFolder: boolean;
  /** Folder of the program; undefined: where packages usually put it. */
  readonly binaryFolder?: string;
  /** Facts of our own. */
  readonly facts: Variables;
  /** Hand facts over in a file, as they are, and not as texts in the environment. */
  readonly structuredFacts?: Readonly<Record<string, unknown>>;
  readonly environment: Variables;
  readonly arguments: readonly Text[];
  readonly workingFolder?: string;
  /** Run it as root. */
  readonly asRoot: boolean;
  /** Install Puppet from the system's packages where there is none. */
  readonly install: boolean;
  readonly validExitCodes: readonly number[];
  /**
   * A line for the login shell instead of Kiln's own. Has Packer's names: `.WorkingDir`, `.FacterVars`, `.ModulePath`,
   * `.HieraConfigPath`, `.ManifestFile`, `.ManifestDir`, `.PuppetBinDir`, `.Sudo`, `.ExtraArguments`, `.PuppetServer`,
   * `.PuppetNode`, `.ClientCertPath`, `.ClientPrivateKeyPath`.
   */
  readonly executeCommand?: Text;
}

export interface PuppetApply {
  readonly kind: 'apply';
  /** A manifest, or a folder of them. */
  readonly manifest?: string;
  readonly manifestFolder?: string;
  readonly modulePath: readonly string[];
  readonly hieraConfig?: string;
  readonly environmentPath?: string;
  readonly environmentName?: string;
}

export interface PuppetAgent {
  readonly kind: 'agent';
  readonly server?: string;
  readonly node?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
}
