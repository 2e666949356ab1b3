import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeJson } from '../../values/json.ts';
import type { HclFunction } from '../function.ts';
import { packerFunctions } from '../index.ts';
import { systemHost } from '../system-host.ts';
import { evaluateText } from '../testing/evaluate.ts';

let folder: string;
let elsewhere: string;
let functions: ReadonlyMap<string, HclFunction>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hcl-files-'));
  elsewhere = await mkdtemp(join(tmpdir(), 'hcl-elsewhere-'));
  await mkdir(join(folder, 'd', 'e'), { recursive: true });
  await writeFile(join(folder, 'a.txt'), 'hi\n');
  await writeFile(join(folder, 'd', 'b.txt'), 'b');
  await writeFile(join(folder, 'd', '.hidden'), 'h');
  await writeFile(join(folder, 'd', 'e', 'c.tmpl'), 'c');
  await writeFile(join(folder, 'bytes'), Buffer.from([0xff, 0xfe, 0x00]));
  await symlink('a.txt', join(folder, 'link'));
  await symlink('.', join(folder, 'd', 'loop'));
  await writeFile(join(elsewhere, 'here.txt'), 'here');
  functions = packerFunctions(
    systemHost({
      baseFolder: folder,
      currentFolder: elsewhere,
      startedAt: new Date(),
      environment: { HOME: folder },
    }),
  );
});

after(async () => {
  await rm(folder, { recursive: true });
  await rm(elsewhere, { recursive: true });
});

function json(expression: string): string {
  const { value, error } = evaluateText(expression, functions);
  assert.equal(error, undefined, expression);
  return encodeJson(value);
}

function error(expression: string): string {
  return (evaluateText(expression, functions).error ?? 'no error').replaceAll(folder, 'FOLDER');
}

test('files are read relative to the folder of the template, or below the home folder', () => {
  assert.equal(json('file("a.txt")'), '"hi\\n"');
  assert.equal(json('file("./d/../a.txt")'), '"hi\\n"');
  assert.equal(json('file("~/a.txt")'), '"hi\\n"');
  assert.equal(json(`file("${folder}/a.txt")`), '"hi\\n"');
});

test('reading says why it fails', async () => {
  assert.match(error('file("none")'), /There is no file FOLDER\/none\.$/);
  assert.match(error('file("d")'), /FOLDER\/d cannot be read: it is a folder\.$/);
  assert.match(
    error('file("a.txt/x")'),
    /FOLDER\/a\.txt\/x cannot be read: a part of the path is not a folder\.$/,
  );
  assert.match(error('file("bytes")'), /FOLDER\/bytes is not text in UTF-8; filebase64 can read it\.$/);
  assert.match(error('file("~bob/x")'), /The home folders of others, as in ~name, are not supported\.$/);
  if (process.getuid?.() !== 0) {
    await chmod(join(folder, 'bytes'), 0);
    assert.match(error('file("bytes")'), /permission denied/);
  }
});

test('filebase64 looks where the program was started, as Packer does, and then beside the template', () => {
  assert.equal(json('filebase64("here.txt")'), '"aGVyZQ=="');
  assert.equal(json('filebase64("bytes")'), '"//4A"');
  assert.match(error('filebase64("none")'), /There is no file FOLDER\/none\.$/);
});

test('fileexists knows files from other things', () => {
  assert.equal(json('fileexists("a.txt")'), 'true');
  assert.equal(json('fileexists("link")'), 'true');
  assert.equal(json('fileexists("none")'), 'false');
  assert.equal(json('fileexists("a.txt/x")'), 'false');
  assert.match(error('fileexists("d")'), /FOLDER\/d is not a file but a folder\.$/);
});

const sets: readonly (readonly [string, string, readonly string[]])[] = [
  ['.', '*', ['a.txt', 'bytes', 'link']],
  ['.', '*.txt', ['a.txt']],
  ['.', '?.txt', ['a.txt']],
  ['.', 'd/*', ['d/.hidden', 'd/b.txt']],
  ['.', 'd', []],
  ['.', '{a,d/b}.txt', ['a.txt', 'd/b.txt']],
  ['.', '[a-b].txt', ['a.txt']],
  ['.', '[^a].txt', []],
  ['.', '\\\\a.txt', ['a.txt']],
  ['.', './a.txt', ['a.txt']],
  ['d', '[!b].txt', ['b.txt']],
  ['d/e', '../b.txt', ['../b.txt']],
  ['.', 'd/e/**', ['d/e/c.tmpl']],
  ['.', '**/c.tmpl', ['d/e/c.tmpl']],
  ['none', '*', []],
];

test('fileset finds files by pattern', () => {
  for (const [start, pattern, found] of sets) {
    const actual = JSON.parse(json(`fileset("${start}", "${pattern}")`)) as string[];
    // A folder leads to itself, so the deeper patterns find the files there many times.
    const plain = actual.filter((path) => !path.includes('loop'));
    assert.deepEqual(plain, found, pattern);
  }
});

test('fileset ends in folders that lead to themselves, and says what is wrong with a pattern', () => {
  const all = JSON.parse(json('fileset(".", "**")')) as string[];
  assert.ok(all.includes('d/loop/b.txt'));
  assert.ok(all.length < 2000);
  assert.match(error('fileset(".", "[")'), /A "\]" is missing in the pattern\.$/);
  assert.match(error('fileset(".", "{a")'), /A "}" is missing in the pattern\.$/);
  assert.match(
    error('fileset(".", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")'),
    /more than 1000/,
  );
});

test('paths are taken apart as Go does', () => {
  const paths: readonly (readonly [string, string])[] = [
    ['basename("/a/b/")', '"b"'],
    ['basename("")', '"."'],
    ['basename("/")', '"/"'],
    ['basename("a/..")', '".."'],
    ['dirname("a")', '"."'],
    ['dirname("/a/b/")', '"/a/b"'],
    ['dirname("")', '"."'],
    ['dirname("/")', '"/"'],
    ['dirname("a//b/../c")', '"a"'],
    ['dirname("../a")', '".."'],
    ['pathexpand("~")', JSON.stringify(folder)],
    ['pathexpand("~/x")', JSON.stringify(`${folder}/x`)],
    ['pathexpand("x/~")', '"x/~"'],
    ['pathexpand("")', '""'],
    ['abspath("x/../y")', JSON.stringify(`${elsewhere}/y`)],
  ];
  for (const [expression, expected] of paths) assert.equal(json(expression), expected, expression);
});
