/**
 * Keeps the values used last, at most `capacity` of them. Values are promises, so that several readers that want the
 * same one at once share the work; failures are not kept.
 */
export class LeastRecentlyUsed<Key, Value> {
  readonly #capacity: number;
  readonly #entries = new Map<Key, Promise<Value>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: Key, make: () => Promise<Value>): Promise<Value> {
    const kept = this.#entries.get(key);
    this.#entries.delete(key);
    const value = kept ?? make();
    this.#entries.set(key, value);
    if (kept) return kept;
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value!);
    value.catch(() => {
      if (this.#entries.get(key) === value) this.#entries.delete(key);
    });
    return value;
  }
}
