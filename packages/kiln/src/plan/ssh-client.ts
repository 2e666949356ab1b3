/** What people's own SSH connections to a machine are to be like. */
export interface SshClient {
  readonly forwardAgent: boolean;
  readonly forwardX11: boolean;
  /** Variables of the host that go along, as patterns of OpenSSH's `SendEnv`. */
  readonly sendEnvironment: readonly string[];
  readonly compression: boolean;
  readonly keepAlive: boolean;
  /** OpenSSH's `ProxyCommand`. */
  readonly proxyCommand?: string;
  /** More words for the ssh program. */
  readonly extraArguments: readonly string[];
  /** A configuration file for the ssh program. */
  readonly configFile?: string;
  /** The ssh program itself. */
  readonly program?: string;
  /** Another user than the one that Kiln logs in as. */
  readonly user?: string;
  /** Another server than the machine's own. */
  readonly host?: string;
  readonly port?: number;
  /** The shell that commands are given to, such as `bash -l`; undefined: the user's own. */
  readonly shell?: string;
}
