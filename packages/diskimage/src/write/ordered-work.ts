import { availableParallelism } from 'node:os';

/**
 * Compresses several pieces at once, and has what comes of them handled one after the other in the order they came, so
 * that the file does not depend on which was ready first.
 */
export class OrderedWork {
  /** Twice as many as there are cores: each has its next piece when it is done with one. */
  readonly #atOnce = 2 * availableParallelism();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;
  #hasFailed = false;

  /** Resolves when the next piece may be started. @throws what an earlier piece failed of */
  async turn(): Promise<void> {
    while (this.#running >= this.#atOnce)
      await new Promise<void>((resolve) => this.#waiting.push(() => resolve()));
    if (this.#hasFailed) throw this.#failure;
  }

  /**
   * Adds a piece; call `turn` first. The returned promise never rejects.
   * @param work already under way
   * @param handle called when all pieces before have been handled
   */
  add<Result>(work: Promise<Result>, handle: (result: Result) => void | Promise<void>): Promise<void> {
    this.#running++;
    const settled = work.then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    this.#tail = this.#tail
      .then(async () => {
        const outcome = await settled;
        if (this.#hasFailed) return;
        if ('error' in outcome) throw outcome.error;
        await handle(outcome.result);
      })
      .catch((error: unknown) => {
        if (!this.#hasFailed) this.#failure = error;
        this.#hasFailed = true;
      })
      .finally(() => {
        this.#running--;
        this.#waiting.shift()?.();
      });
    return this.#tail;
  }

  /** Waits until all pieces have been handled, or given up. */
  async settle(): Promise<void> {
    await this.#tail;
  }

  /** Waits until all pieces have been handled. @throws what one failed of */
  async finish(): Promise<void> {
    await this.#tail;
    if (this.#hasFailed) throw this.#failure;
  }
}
