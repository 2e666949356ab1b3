import type { Copy } from './copy.ts';
import type { StepBase } from './step-base.ts';
import type { Text } from './text.ts';

/**
 * Chef Infra in the machine, in one of its ways (https://docs.chef.io/chef_solo/, `chef-client --local-mode`,
 * `chef-client` with a server, `chef-apply`). Paths without a slash in front start in the step's folder there.
 */
export interface ChefStep extends StepBase {
  readonly kind: 'chef';
  readonly tool: 'solo' | 'zero' | 'client' | 'apply';
  readonly copies: readonly Copy[];
  readonly folder?: string;
  readonly cleanFolder: boolean;
  readonly asRoot: boolean;
  readonly runList: readonly string[];
  /** Attributes of the node. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What chef-apply runs. */
  readonly recipe?: string;
  readonly config: ChefConfig;
  /** The whole configuration file instead; has Packer's names, such as `.CookbookPaths`. */
  readonly configTemplate?: Text;
  /** Further lines at the end of the configuration. */
  readonly moreConfig?: Text;
  readonly logLevel?: string;
  readonly formatter?: string;
  /** Further words for the program, as they are. */
  readonly arguments: readonly Text[];
  /** How often it may be started until it succeeds; at least 1. */
  readonly attempts: number;
  readonly binaryFolder?: string;
  /** Words before the program, such as assignments. */
  readonly binaryPrefix?: string;
  /** Undefined: a missing Chef is a mistake. */
  readonly install?: ChefInstallation;
  /** A line for the login shell instead of Kiln's own; has `.ConfigPath`, `.JsonPath` and `.Sudo`. */
  readonly executeCommand?: Text;
  /** Say yes to Chef's license: `accept`, `accept-silent` or `accept-no-persist`. */
  readonly license?: string;
}

/** Lines of solo.rb and client.rb (https://docs.chef.io/config_rb_client/). */
export interface ChefConfig {
  readonly cookbookPaths: readonly string[];
  readonly rolePaths: readonly string[];
  readonly dataBagPaths: readonly string[];
  readonly environmentPaths: readonly string[];
  readonly nodePaths: readonly string[];
  readonly environment?: string;
  readonly nodeName?: string;
  readonly encryptedDataBagSecret?: string;
  readonly fileCachePath?: string;
  readonly fileBackupPath?: string;
  /** Where chef-solo gets a tarball of cookbooks. */
  readonly recipeUrl?: string;
  readonly verboseLogging: boolean;
  readonly enableReporting: boolean;
  readonly legacyMode: boolean;
  readonly serverUrl?: string;
  readonly clientKey?: string;
  readonly validationKey?: string;
  readonly validationClientName?: string;
  readonly policyName?: string;
  readonly policyGroup?: string;
  readonly sslVerifyMode?: string;
  readonly trustedCertificatesFolder?: string;
  /** By the names of the configuration: `http_proxy`, `https_proxy_user`, `no_proxy` … */
  readonly proxies: Readonly<Record<string, string>>;
}

export interface ChefInstallation {
  readonly product: string;
  readonly channel: string;
  /** `latest`: any that is there will do. */
  readonly version: string;
  /** Where `install.sh` is. */
  readonly url: string;
  /** A line for the login shell instead; has `.Sudo` and `.Version`. */
  readonly command?: Text;
  /** Also when there is a Chef. */
  readonly always: boolean;
}
