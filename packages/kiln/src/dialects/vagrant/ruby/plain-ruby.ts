import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const specifier = '@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm';

/** The WebAssembly module that images are made from: Ruby with its library, as its authors publish it. */
export function plainRuby(): string {
  return fileURLToPath(import.meta.resolve(specifier));
}

/** The version of the package that it comes in. */
export function rubyVersion(): string {
  const manifest = new URL('../package.json', import.meta.resolve(specifier));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
