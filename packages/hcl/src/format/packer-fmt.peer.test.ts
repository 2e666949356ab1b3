import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packerMissing } from '../testing/packer-console.ts';
import { format } from './format.ts';
import { corpus } from './testing/corpus.ts';
import { randomDocument } from './testing/random-document.ts';

/** The texts as `packer fmt` leaves them. */
function packerFormats(sources: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'packer-fmt-'));
  try {
    const files = sources.map((source, index) => {
      const file = join(folder, `${index}.pkr.hcl`);
      writeFileSync(file, source);
      return file;
    });
    const done = spawnSync('packer', ['fmt', folder], {
      encoding: 'utf8',
      env: {
        ...process.env,
        HOME: folder,
        PACKER_CONFIG_DIR: folder,
        CHECKPOINT_DISABLE: '1',
        PACKER_LOG: '',
      },
      timeout: 120_000,
    });
    if (done.error) throw done.error;
    assert.equal(done.status, 0, done.stdout + done.stderr);
    return files.map((file) => readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The one difference between Packer 1.6.6 and today's formatters: hcl before 2.8 put a space after the operator `!`.
 * It moves no comment in the corpus, because none stands beside such a line.
 */
function withoutSpaceAfterNot(text: string): string {
  return text.replaceAll('! ', '!');
}

/** Packer 1.6.6 knows no name spaces of functions, which came with hcl 2.20. */
function isRead(source: string): boolean {
  return !source.includes('::');
}

test('Packer formats the cases in the same way', { skip: packerMissing }, () => {
  const cases = corpus().filter(({ input }) => isRead(input));
  assert.ok(cases.length > 390);
  const theirs = packerFormats(cases.map(({ input }) => input));
  cases.forEach(({ name, formatted }, index) => {
    assert.equal(withoutSpaceAfterNot(theirs[index]!), formatted, name);
  });
});

test('Packer formats random documents in the same way', { skip: packerMissing }, () => {
  const sources: string[] = [];
  for (let seed = 0; sources.length < 250; seed++) {
    const source = randomDocument(seed).replaceAll('a::b', 'a_b');
    if (!/!(?!=)/.test(source)) sources.push(source);
  }
  const theirs = packerFormats(sources);
  sources.forEach((source, index) => {
    assert.equal(theirs[index], format(source), source);
  });
});
