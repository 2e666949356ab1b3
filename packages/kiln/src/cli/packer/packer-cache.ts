import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { extname, join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import type { ImageRef, UrlImage } from '../../plan/image-ref.ts';
import type { ImageResolver } from '../../sources/image-resolver.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Takes what Packer has downloaded already from its cache (PACKER_CACHE_DIR) instead of downloading it again. Nothing
 * is written there: new downloads go into Kiln's own store.
 */
export function withPackerCache(images: ImageResolver, env: Environment): ImageResolver {
  return {
    async resolve(ref, context) {
      const path = await cachedPath(ref, packerCache(env));
      if (path === undefined || ref.kind !== 'url') return images.resolve(ref, context);
      try {
        return await images.resolve({ kind: 'file', path, checksum: ref.checksum }, context);
      } catch (error) {
        // A download that Packer did not finish.
        if (!(error instanceof KilnError) || error.code !== 'checksum-mismatch') throw error;
        return images.resolve(ref, context);
      }
    },
  };
}

function packerCache(env: Environment): string {
  if (env.PACKER_CACHE_DIR) return env.PACKER_CACHE_DIR;
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'packer');
}

async function cachedPath(ref: ImageRef, cache: string): Promise<string | undefined> {
  if (ref.kind !== 'url' || ref.targetPath !== undefined) return undefined;
  for (const name of cacheNames(ref)) {
    const path = join(cache, name);
    if (await exists(path)) return path;
  }
  return undefined;
}

/** Packer names a download by the SHA-1 of its checksum as the template writes it, or of its URL without one. */
function cacheNames({ urls, checksum }: UrlImage): readonly string[] {
  if (checksum.kind === 'from') return [];
  const { hex = '', algorithm = '' } = checksum.kind === 'digest' ? checksum : {};
  const keys = checksum.kind === 'none' ? urls : [`${algorithm}:${hex}`, hex];
  const endings = new Set(['.iso', ...urls.map((url) => extname(url.replace(/[?#].*$/, '')))]);
  return keys.flatMap((key) => {
    const digest = createHash('sha1').update(key).digest('hex');
    return [...endings].map((ending) => `${digest}${ending}`);
  });
}
