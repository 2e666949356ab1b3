import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
  if (isBundled) return fileURLToPath(new URL('./ruby.wasm', import.meta.url));
  const { preludeDigest, rubyPrelude } = await import('./prelude.ts');
  const folder = join(kilnCache(env), 'ruby');
  const image = join(folder, `${preludeDigest(rubyPrelude(), rubyVersion())}.wasm`);
  if (!existsSync(image)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await build(image);
  }
  return image;
}

/** The WebAssembly module that images are made from. */
export function plainRuby(): string {
  return fileURLToPath(import.meta.resolve('@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm'));
}

function rubyVersion(): string {
  const manifest = new URL(
    '../package.json',
    import.meta.resolve('@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm'),
  );
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** In a process of its own, since V8 takes its flags only at the start. */
async function build(image: string): Promise<void> {
  const program = fileURLToPath(new URL('./image-maker.ts', import.meta.url));
  const words = [...rubyFlags, '--disable-warning=ExperimentalWarning', program, plainRuby(), image];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await exitCode(child, process.execPath);
  if (code !== 0) throw new KilnError('internal', `Ruby could not be prepared: ${said.trim()}`);
}
