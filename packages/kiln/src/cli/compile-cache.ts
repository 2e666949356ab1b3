import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets Node keep the bytecode of what is loaded from now on, which halves the start of most commands. Where the folder
 * cannot be written Node does without.
 */
export function cacheCompiledCode(env: NodeJS.ProcessEnv): void {
  const cache = env['XDG_CACHE_HOME']?.startsWith('/') ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  enableCompileCache(join(cache, 'kiln', 'compile'));
}
