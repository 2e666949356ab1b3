import type { Copy, Variables } from './copy.ts';
import type { StepBase } from './step-base.ts';
import type { Text } from './text.ts';

/** Settings of ansible-playbook(1) that mean the same wherever it runs. */
export interface AnsibleOptions extends StepBase {
  /** What runs playbooks: one program, or a line for a shell that the arguments are put behind. */
  readonly command: string;
  /** Name of the machine in inventories that Kiln writes. */
  readonly hostName: string;
  /** A pattern of hosts; undefined: all of the inventory. */
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
  /** Values, or the path of a file with them. */
  readonly extraVars?:
    | { readonly kind: 'values'; readonly values: Readonly<Record<string, unknown>> }
    | { readonly kind: 'file'; readonly path: string };
  readonly become: boolean;
  readonly becomeUser?: string;
  /** Number of `v`s of `-v`; 0 for none. */
  readonly verbosity: number;
  /**
   * Groups of inventories that Kiln writes, by Vagrant's rules: a name has a list of hosts; `name:children` a list of
   * groups; `name:vars` variables.
   */
  readonly groups: Readonly<Record<string, readonly string[] | Readonly<Record<string, unknown>>>>;
  /** Variables of hosts by name: a mapping, or words as they stand in an inventory. */
  readonly hostVars: Readonly<Record<string, Readonly<Record<string, unknown>> | readonly string[]>>;
  /** Further arguments as they are. */
  readonly arguments: readonly Text[];
  readonly environment: Variables;
  readonly vaultPasswordFile?: string;
  readonly configFile?: string;
  readonly galaxy?: GalaxyRequirements;
  /** Give Packer's variables, `packer_build_name` and the like, to the playbook. */
  readonly packerVariables: boolean;
}

/** Roles and collections that are got before the playbook runs. */
export interface GalaxyRequirements {
  /** The file of requirements. */
  readonly file: string;
  readonly rolesPath?: string;
  readonly collectionsPath?: string;
  /** A line for a shell with `%{role_file}` and `%{roles_path}`; undefined: `ansible-galaxy` for roles and collections. */
  readonly command?: string;
  /** Get again what is there already. */
  readonly force: boolean;
}

/** ansible-playbook on this host, which reaches the machine by SSH. Paths are absolute, and of this host. */
export interface AnsibleStep extends AnsibleOptions {
  readonly kind: 'ansible';
  readonly playbook: string;
  /** A file or folder; undefined: Kiln writes one with the machine, and with the others of its project. */
  readonly inventory?: string;
  /** A folder that the inventory that Kiln writes is put into; undefined: that of the temporary files. */
  readonly inventoryFolder?: string;
  /** Leave it there at the end, under a name that people know. */
  readonly keepInventory: boolean;
  /** Who to log in as; undefined: who Kiln itself does. */
  readonly user?: string;
  /** The inventory says who to log in as, whatever a playbook says; else the command line does, and playbooks win. */
  readonly forceUser: boolean;
  /** Also for hosts that Kiln knows nothing of: refuse those with an unknown key. */
  readonly hostKeyChecking: boolean;
  /** Words for ssh(1), before Kiln's own. */
  readonly sshArguments: readonly string[];
  readonly askBecomePassword: boolean;
  readonly askVaultPassword: boolean;
  /** Files and folders that decide what it does, as far as they are known. */
  readonly reads: readonly string[];
}

/** ansible-playbook inside the machine, for the machine. Paths without a slash in front start in its folder. */
export interface AnsibleLocalStep extends AnsibleOptions {
  readonly kind: 'ansible-local';
  readonly playbooks: readonly string[];
  /** What is brought along from this host. */
  readonly copies: readonly Copy[];
  /** Where it works in the machine; undefined: a temporary folder. */
  readonly folder?: string;
  /** Remove that folder at the end. */
  readonly cleanFolder: boolean;
  /** Undefined: Kiln writes one. */
  readonly inventory?: string;
  /** Install Ansible where there is none; undefined: that is a mistake. */
  readonly install?: AnsibleInstallation;
  /** Further hosts of inventories that Kiln writes; playbooks meet them, but only the machine itself is there. */
  readonly otherHosts: readonly string[];
}

export interface AnsibleInstallation {
  /** `packages`: the system's own. `pip`: of the Python Package Index. `pip-arguments`: pip with these words alone. */
  readonly from: 'packages' | 'pip' | 'pip-arguments';
  /** With the community's collections, and not only what Ansible cannot do without. */
  readonly withCollections: boolean;
  /** Undefined: any that is there will do. `latest`: the newest that can be had. */
  readonly version?: string;
  readonly pipArguments?: string;
  /** A line for a shell that installs pip itself. */
  readonly pipInstallCommand?: string;
}
