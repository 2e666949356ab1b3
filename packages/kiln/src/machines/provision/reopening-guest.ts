import { KilnError } from '../../base/errors.ts';
import type {
  Guest,
  GuestCommand,
  GuestExit,
  GuestUpload,
  TransferOptions,
  TreeOptions,
} from '../../guests/guest.ts';

/** What calls fail with when there is nobody any more at the other end, or nobody who answers in time. */
const lost = ['guest-disconnected', 'guest-unreachable', 'cancelled'];

/** Gets a new connection to the machine. */
export type OpenGuest = (signal?: AbortSignal) => Promise<Guest>;

/**
 * A guest that is opened anew when its connection broke: what talks to a machine may not survive a restart, and the next
 * call is to meet the machine as it is then. What was running when the connection broke is not repeated.
 */
export class ReopeningGuest implements Guest {
  readonly #open: OpenGuest;
  readonly #kind: Guest['kind'];
  readonly #terminal: boolean;
  #current: Guest | undefined;
  #opening: Promise<Guest> | undefined;
  #closed = false;

  constructor(first: Guest, open: OpenGuest) {
    this.#current = first;
    this.#kind = first.kind;
    this.#terminal = first.terminal ?? false;
    this.#open = open;
  }

  get kind(): Guest['kind'] {
    return this.#current?.kind ?? this.#kind;
  }

  get terminal(): boolean {
    return this.#current?.terminal ?? this.#terminal;
  }

  /** Lets go of the connection; the next call opens another one. */
  async reopen(): Promise<void> {
    const old = this.#current;
    this.#current = undefined;
    await old?.close();
  }

  async exec(command: GuestCommand): Promise<GuestExit> {
    const guest = await this.#get(command.signal);
    const exit = await this.#watch(guest, guest.exec(command));
    if (exit.kind === 'disconnected') await this.#drop(guest);
    return exit;
  }

  async upload(file: GuestUpload): Promise<void> {
    const guest = await this.#get(file.signal);
    await this.#watch(guest, guest.upload(file));
  }

  async uploadTree(from: string, to: string, options?: TreeOptions): Promise<void> {
    const guest = await this.#get(options?.signal);
    await this.#watch(guest, guest.uploadTree(from, to, options));
  }

  async download(from: string, toLocal: string, options?: TransferOptions): Promise<void> {
    const guest = await this.#get(options?.signal);
    await this.#watch(guest, guest.download(from, toLocal, options));
  }

  async downloadTree(from: string, toLocal: string, options?: TreeOptions): Promise<void> {
    const guest = await this.#get(options?.signal);
    await this.#watch(guest, guest.downloadTree(from, toLocal, options));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#current?.close();
  }

  async #get(signal: AbortSignal | undefined): Promise<Guest> {
    if (this.#closed) throw new KilnError('guest-disconnected', 'the connection to the machine was closed');
    if (this.#current) return this.#current;
    this.#opening ??= this.#open(signal).finally(() => {
      this.#opening = undefined;
    });
    this.#current = await this.#opening;
    return this.#current;
  }

  async #watch<T>(guest: Guest, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof KilnError && lost.includes(error.code)) await this.#drop(guest);
      throw error;
    }
  }

  async #drop(guest: Guest): Promise<void> {
    if (this.#current === guest) this.#current = undefined;
    await guest.close();
  }
}
