/** Requests of one kind that a caller has at once, and gets back in a second. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

const allowances = {
  reads: { burst: 60_000, perSecond: 1000 },
  writes: { burst: 12_000, perSecond: 200 },
  deletes: { burst: 12_000, perSecond: 200 },
} as const satisfies Readonly<Record<string, Allowance>>;

export type RequestKind = keyof typeof allowances;

export function requestKind(method: string): RequestKind {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}

interface Bucket {
  left: number;
  at: number;
}

/** How many requests each caller has left: one that asks without end does not keep others from their answers. */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: () => number;

  /** @param clock seconds that only go on, from any start */
  constructor(clock: () => number = () => performance.now() / 1000) {
    this.#clock = clock;
  }

  /** Takes one request. `retryAfter` in seconds, when none is left. */
  take(callerId: string, kind: RequestKind): { readonly remaining: number; readonly retryAfter?: number } {
    const { burst, perSecond } = allowances[kind];
    const at = this.#clock();
    const key = `${kind} ${callerId}`;
    const bucket = this.#buckets.get(key) ?? { left: burst, at };
    bucket.left = Math.min(burst, bucket.left + (at - bucket.at) * perSecond);
    bucket.at = at;
    // The latest last, so that the first ones are those that may be full again.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#forgetFull(at);
    if (bucket.left < 1) return { remaining: 0, retryAfter: Math.max(1, Math.ceil(1 / perSecond)) };
    bucket.left -= 1;
    return { remaining: Math.floor(bucket.left) };
  }

  #forgetFull(at: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (at - bucket.at < 600) return;
      this.#buckets.delete(key);
    }
  }
}
