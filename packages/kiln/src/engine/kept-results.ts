import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import type { Artifact } from '../hosts/artifact.ts';
import { identityOf, makeCheckpointFolders } from '../store/checkpoints/checkpoint-files.ts';
import { storeLayout } from '../store/home.ts';

/** An artifact with what its files were like when it was made. */
interface KeptResult {
  readonly schema: 1;
  readonly artifact: Omit<Artifact, 'destroy'>;
  /** In the order of the artifact's files. */
  readonly identities: readonly string[];
}

/** Remembers which files came out of which state, and finds them again as long as nobody has touched them. */
export class KeptResults {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** The artifact that was made under this key, if all of its files are there and unchanged. */
  async find(key: string): Promise<Artifact | undefined> {
    const kept = await this.#read(key);
    if (!kept) return undefined;
    const { files } = kept.artifact;
    for (const [at, file] of files.entries()) {
      if ((await identityIfThere(file)) !== kept.identities[at]) return undefined;
    }
    return {
      ...kept.artifact,
      destroy: async () => {
        for (const file of files) await rm(file, { force: true });
      },
    };
  }

  /** Remembers an artifact; one without files of its own is not worth it. */
  async keep(key: string, { destroy: _destroy, ...artifact }: Artifact): Promise<void> {
    if (artifact.files.length === 0) return;
    const identities: string[] = [];
    for (const file of artifact.files) {
      const identity = await identityIfThere(file);
      if (identity === undefined) return;
      identities.push(identity);
    }
    const { results } = await makeCheckpointFolders(storeLayout(this.#home));
    const kept: KeptResult = { schema: 1, artifact, identities };
    await writeFileAtomically(join(results, `${key}.json`), `${JSON.stringify(kept)}\n`, 0o600);
  }

  async #read(key: string): Promise<KeptResult | undefined> {
    const { results } = await makeCheckpointFolders(storeLayout(this.#home));
    const kept = (await readJsonIfExists(join(results, `${key}.json`))) as KeptResult | undefined;
    return kept?.schema === 1 ? kept : undefined;
  }
}

async function identityIfThere(path: string): Promise<string | undefined> {
  try {
    return await identityOf(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
