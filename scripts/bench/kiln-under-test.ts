import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** argv of Kiln as people install it: the bundle, made anew. */
export function bundledKiln(): readonly [string, ...string[]] {
  execFileSync(process.execPath, [`${root}/scripts/bundle.ts`], { stdio: ['ignore', 'ignore', 'inherit'] });
  return [process.execPath, `${root}/packages/kiln/dist/kiln.js`];
}
