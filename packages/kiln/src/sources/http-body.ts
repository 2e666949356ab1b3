import type { IncomingMessage } from 'node:http';

const mostWaiting = 4 << 20;

/**
 * The body of an answer. It takes in what comes from the moment the answer is there, and hands out everything
 * that the server sent before it tells of an error: a stream that is iterated over would throw the end away.
 */
export class HttpBody {
  readonly #response: IncomingMessage;
  readonly #stallTimeout: number;
  readonly #waiting: Buffer[] = [];
  readonly #watchdog: NodeJS.Timeout;
  #bytes = 0;
  #outcome: { readonly error?: Error } | undefined;
  #wake: () => void = () => {};

  /** @param stallTimeout longest silence of the server, in milliseconds */
  constructor(response: IncomingMessage, stallTimeout: number) {
    this.#response = response;
    this.#stallTimeout = stallTimeout;
    this.#watchdog = setTimeout(() => this.#stalled(), stallTimeout);
    response.on('data', (chunk: Buffer) => this.#take(chunk));
    response.once('end', () => this.#finish({}));
    response.once('error', (error) => this.#finish({ error }));
    response.once('close', () => this.#finish({ error: new Error('the connection was closed') }));
  }

  /** The parts as they come. To be called once. @throws whatever broke the connection, last */
  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const chunk = this.#waiting.shift();
        if (chunk) {
          this.#bytes -= chunk.length;
          yield chunk;
          // Only the server's silence counts, not the time that writing took.
          this.#watchdog.refresh();
          if (this.#bytes <= mostWaiting) this.#response.resume();
        } else if (this.#outcome) {
          if (this.#outcome.error) throw this.#outcome.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.close();
    }
  }

  /** Ends the connection. */
  close(): void {
    clearTimeout(this.#watchdog);
    this.#response.destroy();
  }

  #take(chunk: Buffer): void {
    this.#watchdog.refresh();
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > mostWaiting) this.#response.pause();
    this.#wake();
  }

  #stalled(): void {
    if (this.#response.isPaused()) {
      this.#watchdog.refresh();
      return;
    }
    this.#finish({ error: new Error(`nothing came for ${this.#stallTimeout / 1000} s`) });
    this.close();
  }

  #finish(outcome: { readonly error?: Error }): void {
    clearTimeout(this.#watchdog);
    this.#outcome ??= outcome;
    this.#wake();
  }
}
