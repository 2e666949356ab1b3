import type { Client, ExecOptions, SFTPWrapper } from 'ssh2';
import { cancelled, sleep } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import { RemoteSession } from './remote-session.ts';

/** sshd allows 10 sessions on one connection unless told otherwise (MaxSessions); one is left for others. */
const mostSessions = 9;

const triesAlone = 3;
const pauseBetweenTries = 50;

export interface SessionOptions {
  readonly pty?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One connection that has been logged in. Never comes back once closed. */
export class SshConnection {
  readonly client: Client;
  /** What is reached, for messages: `user@host:port`. */
  readonly label: string;
  /** Settles when the connection is gone. Never rejects. */
  readonly closed: Promise<void>;
  #alive = true;
  #forwardAgent: boolean;
  #sftp: Promise<SFTPWrapper> | undefined;
  #sessions = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(client: Client, label: string, forwardAgent: boolean) {
    this.client = client;
    this.label = label;
    this.#forwardAgent = forwardAgent;
    this.closed = new Promise((resolve) => {
      client.once('close', resolve).once('end', resolve);
    });
    void this.closed.then(() => this.#lose());
  }

  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Starts a command.
   * @throws KilnError `guest-disconnected`, `cancelled`, `step-failed` when the machine refuses a session
   */
  async start(command: string, options: SessionOptions = {}): Promise<RemoteSession> {
    await this.#takeSession(options.signal);
    try {
      const session = await this.#openWhenFree(command, options);
      void session.closed.then(() => this.#giveSession());
      return session;
    } catch (error) {
      this.#giveSession();
      throw error;
    }
  }

  /**
   * The connection's one SFTP session, opened when first asked for.
   * @throws KilnError `guest-disconnected`, `step-failed` when the machine has no SFTP
   */
  sftp(): Promise<SFTPWrapper> {
    this.#sftp ??= new Promise<SFTPWrapper>((resolve, reject) => {
      this.#guard(reject, () =>
        this.client.sftp((error, sftp) => {
          if (error) return reject(this.#translate(error));
          sftp.on('error', () => {}); // each request fails by itself
          sftp.once('close', () => {
            this.#sftp = undefined;
          });
          resolve(sftp);
        }),
      );
    });
    this.#sftp.catch(() => {
      this.#sftp = undefined;
    });
    return this.#sftp;
  }

  /** Says goodbye and waits until the connection is gone. A second call does nothing. */
  async end(): Promise<void> {
    this.client.end();
    const impatience = setTimeout(() => this.client.destroy(), 1000);
    await this.closed;
    clearTimeout(impatience);
  }

  /** Calls `watcher` once when the connection is gone. @returns a function that takes the watcher away again */
  onGone(watcher: () => void): () => void {
    if (this.#alive) this.#watchers.add(watcher);
    else queueMicrotask(watcher);
    return () => this.#watchers.delete(watcher);
  }

  disconnected(cause?: unknown): KilnError {
    return new KilnError('guest-disconnected', `the connection to ${this.label} broke`, { cause });
  }

  /**
   * A server may allow fewer sessions than usual, and frees those that have ended only after it has answered the
   * next request: while other sessions exist, or have just ended, a refusal may pass.
   */
  async #openWhenFree(command: string, options: SessionOptions): Promise<RemoteSession> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#open(command, options);
      } catch (error) {
        const refused = error instanceof KilnError && error.code === 'step-failed';
        if (!refused || (this.#sessions <= 1 && tries >= triesAlone)) throw error;
        await sleep(pauseBetweenTries, options.signal);
      }
    }
  }

  #open(command: string, options: SessionOptions): Promise<RemoteSession> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted) return reject(cancelled());
      const onAbort = () => reject(cancelled());
      signal?.addEventListener('abort', onAbort, { once: true });
      const wanted: ExecOptions & { agentForward?: boolean } = {
        pty: options.pty ? { term: 'xterm', cols: 80, rows: 40 } : false,
        agentForward: this.#forwardAgent,
      };
      this.#guard(reject, () =>
        this.client.exec(command, wanted, (error, channel) => {
          signal?.removeEventListener('abort', onAbort);
          if (error && this.#forwardAgent && /agent forwarding/.test(error.message)) {
            // A server may forbid forwarding; the command itself is not affected by that.
            this.#forwardAgent = false;
            this.#open(command, options).then(resolve, reject);
          } else if (error) reject(this.#translate(error));
          else if (signal?.aborted) channel.close();
          else resolve(new RemoteSession(channel));
        }),
      );
    });
  }

  #lose(): void {
    this.#alive = false;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }

  #guard(reject: (error: unknown) => void, action: () => void): void {
    if (!this.#alive) {
      reject(this.disconnected());
      return;
    }
    try {
      action();
    } catch (error) {
      // ssh2 knows that it cannot write any more before it says that the connection is gone.
      if (/Not connected/.test(messageOf(error))) this.#lose();
      reject(this.#translate(error));
    }
  }

  #translate(error: unknown): KilnError {
    const message = messageOf(error);
    if (!this.#alive || /No response from server|Not connected|Channel is not open/.test(message)) {
      return this.disconnected(error);
    }
    return new KilnError('step-failed', `${this.label} refused a session: ${message}`, { cause: error });
  }

  async #takeSession(signal: AbortSignal | undefined): Promise<void> {
    while (this.#alive && this.#sessions >= mostSessions) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          const at = this.#waiting.indexOf(wake);
          if (at >= 0) this.#waiting.splice(at, 1);
          reject(cancelled());
        };
        const wake = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        if (signal?.aborted) return reject(cancelled());
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#waiting.push(wake);
      });
    }
    this.#sessions += 1;
  }

  #giveSession(): void {
    this.#sessions -= 1;
    this.#waiting.shift()?.();
  }
}
