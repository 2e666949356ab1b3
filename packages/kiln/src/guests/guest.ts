/**
 * What is inside a machine, as something to run commands in and copy files to. Every communicator implements
 * this. Contracts: calls may overlap; each ends promptly with `cancelled` when its signal is raised; paths on
 * the guest's side are as the guest understands them.
 */
export interface Guest {
  readonly kind: 'ssh' | 'agent' | 'chroot' | 'container' | 'none';

  /** Commands run on a terminal: their input is echoed and cannot carry every byte, and stdout has both streams. */
  readonly terminal?: boolean;

  /** Runs one command to its end. A command that fails is a result, not an error. */
  exec(command: GuestCommand): Promise<GuestExit>;

  /** Writes one file, creating or replacing it. @throws KilnError `guest-disconnected`, `step-failed` */
  upload(file: GuestUpload): Promise<void>;

  /**
   * Copies a local folder. With a trailing slash on `from` the folder's content goes into `to`, else the folder
   * itself does. Where the communicator's `folders` says `scp`, a folder becomes `to` when nothing is there yet, and
   * links are followed; else they are kept. Modes are kept.
   */
  uploadTree(from: string, to: string, options?: TreeOptions): Promise<void>;

  download(from: string, toLocal: string, options?: TransferOptions): Promise<void>;

  /**
   * Copies a folder of the machine: into `toLocal` under its own name, or only its content with a trailing slash on
   * `from`, where `folders` does not say `scp`. Never writes outside `toLocal`.
   */
  downloadTree(from: string, toLocal: string, options?: TreeOptions): Promise<void>;

  /**
   * Where packages were got beforehand: makes them available in the guest, and gives what package managers need in
   * their environment to use these and no others.
   */
  providePackages?(options: TransferOptions): Promise<Readonly<Record<string, string>>>;

  /** Ends the connection. A second call does nothing. */
  close(): Promise<void>;
}

export interface GuestCommand {
  /** One line for the guest's shell. */
  readonly command: string;
  readonly input?: string | Uint8Array;
  /** Whole lines, as they appear; a last line without newline too. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly signal?: AbortSignal;
}

/** How a command ended. `disconnected` means that nobody knows: the connection broke first. */
export type GuestExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'disconnected' };

export interface GuestUpload extends TransferOptions {
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array };
  readonly to: string;
  /** Permission bits; for a file the local ones when not given, 0644 for bytes. */
  readonly mode?: number;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number | undefined) => void;
}

export interface TreeOptions extends TransferOptions {
  /** Names to leave out, relative to the tree's root. */
  readonly exclude?: readonly string[];
}
