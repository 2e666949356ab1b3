import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { plainRuby } from '../packages/kiln/src/dialects/vagrant/ruby/plain-ruby.ts';
import { rubyFlags } from '../packages/kiln/src/dialects/vagrant/ruby/ruby-flags.ts';
import { chunkGroups } from './chunk-groups.ts';

/**
 * Makes what people install: packages/kiln/dist/kiln.js and a chunk for every part that is loaded late. Each command
 * loads only what it needs; the compile cache keeps their bytecode.
 */
const root = fileURLToPath(new URL('../packages/kiln/', import.meta.url));
const dist = `${root}dist`;

const source = (path: string) => relative(process.cwd(), `${root}src/${path}`);
/** The start of every command with what runs one in a machine; what looks at machines; and what reads a kiln.yaml. */
const groups = [
  ['cli/program.ts', 'cli/commands/exec.ts', 'cli/actions/exec.ts'].map(source),
  ['cli/commands/status.ts', 'cli/actions/status.ts'].map(source),
  ['dialects/kiln/read-kiln-yaml.ts', 'cli/plan-problems.ts'].map(source),
];

rmSync(dist, { recursive: true, force: true });
const options: BuildOptions = {
  entryPoints: {
    kiln: `${root}src/cli/main.ts`,
    // A program of its own; see there.
    'tree-worker': `${root}src/hosts/rootfs/tree-worker.ts`,
    'serve-folders': `${root}src/machines/folders/nfs/serve-folders.ts`,
    'vagrantfile-child': `${root}src/dialects/vagrant/ruby/child.ts`,
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'eof',
  chunkNames: 'part-[hash]',
  // Native speed-ups of ssh2 and pg that are not installed; they do without them.
  external: ['cpu-features', './crypto/build/Release/sshcrypto.node', 'pg-native'],
  banner: {
    // What CommonJS packages such as ssh2 expect to find.
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
    ].join(''),
  },
  logLevel: 'warning',
};
await build({ ...options, plugins: [await chunkGroups(options, groups)] });
const main = `${dist}/kiln.js`;
const text = readFileSync(main, 'utf8');
if (!text.startsWith('#!')) writeFileSync(main, `#!/usr/bin/env node\n${text}`);
chmodSync(main, 0o755);
copyFileSync(fileURLToPath(new URL('../LICENSE', import.meta.url)), `${dist}/LICENSE`);
// Ruby, started, as one file: nothing is prepared on users' machines.
const imageMaker = `${root}src/dialects/vagrant/ruby/image-maker.ts`;
execFileSync(process.execPath, [...rubyFlags, imageMaker, plainRuby(), `${dist}/ruby.image`], {
  stdio: 'inherit',
});
copyFileSync(join(dirname(plainRuby()), 'NOTICE'), `${dist}/RUBY-NOTICE`);
// The embedded Postgres looks for its files beside its code.
const pglite = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite')));
for (const name of ['pglite.wasm', 'pglite.data', 'initdb.wasm'])
  copyFileSync(join(pglite, name), join(dist, name));
