import { rm } from 'node:fs/promises';
import type { Artifact } from '../hosts/artifact.ts';
import { readResult, writeResult } from '../store/checkpoints/result-files.ts';

/** Remembers which files came out of which state, and finds them again as long as nobody has touched them. */
export class KeptResults {
  readonly #home: string;
  readonly #isSafe: (text: string) => boolean;

  /** @param isSafe whether a text has no secret in it */
  constructor(home: string, isSafe: (text: string) => boolean) {
    this.#home = home;
    this.#isSafe = isSafe;
  }

  /** The artifact that was made under this key, if all of its files are there and unchanged. */
  async find(key: string): Promise<Artifact | undefined> {
    const artifact = (await readResult(this.#home, key)) as Omit<Artifact, 'destroy'> | undefined;
    if (!artifact) return undefined;
    return {
      ...artifact,
      destroy: async () => {
        for (const file of artifact.files) await rm(file, { force: true });
      },
    };
  }

  /** Remembers an artifact; one without files of its own is not worth it, one with a secret in its names not safe. */
  async keep(key: string, { destroy: _destroy, ...artifact }: Artifact): Promise<void> {
    if (artifact.files.length > 0 && textsIn(artifact).every(this.#isSafe))
      await writeResult(this.#home, key, artifact);
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
