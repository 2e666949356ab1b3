import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where Kiln keeps what outlives a command: `$KILN_HOME`, else `kiln/` in the XDG data directory. */
export function kilnHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env['KILN_HOME']) return resolve(env['KILN_HOME']);
  const data = env['XDG_DATA_HOME']?.startsWith('/')
    ? env['XDG_DATA_HOME']
    : join(homedir(), '.local', 'share');
  return join(data, 'kiln');
}

/** Where Kiln keeps what it can make again at any time: `kiln/` in the XDG cache directory. */
export function kilnCache(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env['XDG_CACHE_HOME']?.startsWith('/') ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  return join(cache, 'kiln');
}
