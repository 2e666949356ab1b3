import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KilnError } from '../../../base/errors.ts';
import { kilnCache } from '../../../base/home.ts';
import { exitCode } from '../../../base/processes.ts';
import { rubyFlags } from './ruby-flags.ts';

/** In the bundle the image stands beside the program; in a checkout it is made when it is first needed. */
const isBundled = !import.meta.url.endsWith('.ts');

/**
 * The module with a started Ruby in it.
 * @throws KilnError `internal` when it cannot be made
 */
export async function rubyImage(env: NodeJS.ProcessEnv): Promise<string> {
  if (isBundled) return fileURLToPath(new URL('./ruby.image', import.meta.url));
  const [{ preludeDigest, rubyPrelude }, { plainRuby, rubyVersion }] = await Promise.all([
    import('./prelude.ts'),
    import('./plain-ruby.ts'),
  ]);
  const folder = join(kilnCache(env), 'ruby');
  const image = join(folder, `${preludeDigest(rubyPrelude(), rubyVersion())}.image`);
  if (!existsSync(image)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await build(plainRuby(), image);
    removeOldImages(folder);
  }
  return image;
}

/** Of those who work on the sources every change leaves one behind. */
function removeOldImages(folder: string): void {
  const dayAgo = Date.now() - 24 * 60 * 60 * 1000;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).mtimeMs < dayAgo) rmSync(path, { force: true });
  }
}

/** In a process of its own, since V8 takes its flags only at the start. */
async function build(ruby: string, image: string): Promise<void> {
  const program = fileURLToPath(new URL('./image-maker.ts', import.meta.url));
  const words = [...rubyFlags, '--disable-warning=ExperimentalWarning', program, ruby, image];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await exitCode(child, process.execPath);
  if (code !== 0) throw new KilnError('internal', `Ruby could not be prepared: ${said.trim()}`);
}
