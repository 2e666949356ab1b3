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
