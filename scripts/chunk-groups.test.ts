import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { type BuildOptions, build } from 'esbuild';
import { chunkGroups } from './chunk-groups.ts';

/** Four commands, each with its own choice of six modules. */
const sources: Readonly<Record<string, string>> = {
  'main.ts': [
    "const commands = { one: () => import('./one.ts'), two: () => import('./two.ts'),",
    "  three: () => import('./three.ts'), four: () => import('./four.ts') };",
    'console.log((await commands[process.argv[2] as keyof typeof commands]()).text());',
  ].join('\n'),
  'one.ts': moduleOf('a', 'b', 'c', 'd', 'e', 'f'),
  'two.ts': moduleOf('a', 'c', 'e'),
  'three.ts': moduleOf('b', 'c', 'f'),
  'four.ts': moduleOf('d', 'e', 'f'),
  ...Object.fromEntries(
    [...'abcdef'].map((name) => [`${name}.ts`, `export const ${name} = '${name.repeat(50)}';`]),
  ),
};

function moduleOf(...names: readonly string[]): string {
  const imports = names.map((name) => `import { ${name} } from './${name}.ts';`).join('\n');
  return `${imports}\nexport const text = () => [${names.join()}].map((one) => one[0]).join('');`;
}

test('what a command loads is in few files, and does what it did', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-chunks-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
  const options = (outdir: string): BuildOptions => ({
    entryPoints: [join(folder, 'main.ts')],
    outdir: join(folder, outdir),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outExtension: { '.js': '.mjs' },
  });
  await build(options('plain'));
  const group = [relative(process.cwd(), join(folder, 'one.ts'))];
  await build({ ...options('grouped'), plugins: [await chunkGroups(options('grouped'), [group])] });
  for (const [word, said] of [
    ['one', 'abcdef'],
    ['two', 'ace'],
    ['three', 'bcf'],
    ['four', 'def'],
  ] as const) {
    const run = (outdir: string) =>
      execFileSync(process.execPath, [join(folder, outdir, 'main.mjs'), word], { encoding: 'utf8' }).trim();
    assert.deepEqual([run('plain'), run('grouped')], [said, said]);
  }
  const holding = (outdir: string) =>
    readdirSync(join(folder, outdir)).filter((name) =>
      /([a-f])\1{49}/.test(readFileSync(join(folder, outdir, name), 'utf8')),
    ).length;
  assert.ok(holding('plain') > 1, 'there is something to join');
  assert.equal(holding('grouped'), 1);
});
