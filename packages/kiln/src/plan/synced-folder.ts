/** A folder of the host that a machine sees. */
export interface SyncedFolder {
  /** Tells folders of one machine apart. */
  readonly id: string;
  /** Absolute path on the host. */
  readonly hostPath: string;
  /** Absolute path in the machine, or one that starts with `~`. */
  readonly guestPath: string;
  /**
   * How it gets there. `auto` is a mount where the machine can do it by itself (`nfs`), and else a copy. Of all, only
   * `rsync` copies: to the machine, at its start and when asked.
   */
  readonly type: 'auto' | 'nfs' | 'rsync' | '9p' | 'virtiofs' | 'sshfs';
  /** Make the host's folder when it is not there. */
  readonly create: boolean;
  /** Names or numbers; undefined: the user that logs in. */
  readonly owner?: string;
  readonly group?: string;
  readonly mountOptions: readonly string[];
  readonly readOnly: boolean;
  readonly rsync: RsyncOptions;
}

export interface RsyncOptions {
  /** Patterns of rsync's `--exclude`, beside `.vagrant/` and `.kiln/`. */
  readonly exclude: readonly string[];
  /** All of rsync's options but those for the connection; undefined: `--archive --delete -z --copy-links`. */
  readonly arguments?: readonly string[];
  /** Continuous copying takes part. */
  readonly auto: boolean;
  /** Give the files to the owner and group above. */
  readonly chown: boolean;
  /** What runs as rsync in the machine; undefined: `sudo rsync`. */
  readonly path?: string;
}
