import type {
  Guest,
  GuestCommand,
  GuestExit,
  GuestUpload,
  TransferOptions,
  TreeOptions,
} from '../../guests/guest.ts';

/**
 * The guest of a tree whose layers change while it is built: what is mounted is taken down when a layer is finished,
 * and mounted anew, with the layers of then, by the next command.
 */
export class TreeGuest implements Guest {
  readonly kind = 'chroot';
  readonly #open: () => Promise<Guest>;
  readonly #packages: (signal: AbortSignal | undefined) => Promise<Readonly<Record<string, string>>>;
  #opened: Promise<Guest> | undefined;
  #closed = false;

  /**
   * @param open mounts the tree
   * @param packages makes the locked packages available; see `Guest.providePackages`
   */
  constructor(
    open: () => Promise<Guest>,
    packages: (signal: AbortSignal | undefined) => Promise<Readonly<Record<string, string>>>,
  ) {
    this.#open = open;
    this.#packages = packages;
  }

  async exec(command: GuestCommand): Promise<GuestExit> {
    return (await this.#guest()).exec(command);
  }

  async upload(file: GuestUpload): Promise<void> {
    return (await this.#guest()).upload(file);
  }

  async uploadTree(from: string, to: string, options?: TreeOptions): Promise<void> {
    return (await this.#guest()).uploadTree(from, to, options);
  }

  async download(from: string, toLocal: string, options?: TransferOptions): Promise<void> {
    return (await this.#guest()).download(from, toLocal, options);
  }

  async downloadTree(from: string, toLocal: string, options?: TreeOptions): Promise<void> {
    return (await this.#guest()).downloadTree(from, toLocal, options);
  }

  async providePackages({ signal }: TransferOptions): Promise<Readonly<Record<string, string>>> {
    return this.#packages(signal);
  }

  /** Ends whatever runs in the tree and unmounts it. The next command mounts it again. */
  async unmount(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened?.catch(() => undefined))?.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.unmount();
  }

  #guest(): Promise<Guest> {
    if (this.#closed) throw new TypeError('the tree is closed');
    this.#opened ??= this.#open();
    return this.#opened;
  }
}
