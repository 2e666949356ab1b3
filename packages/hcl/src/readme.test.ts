import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { readmeExamples } from './testing/readme-examples.ts';

/** What a program prints that imports the package. */
async function printed(program: string, file: string): Promise<string> {
  // Outside of the package its name means nothing.
  await writeFile(file, program.replaceAll("'@kiln/hcl'", `'${import.meta.resolve('@kiln/hcl')}'`));
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => lines.push(`${format(...values)}\n`);
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
  }
  return lines.join('');
}

test('the examples of the README print what stands there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'hcl-readme-'));
  t.after(() => rm(folder, { recursive: true }));
  const examples = readmeExamples();
  assert.ok(examples.length >= 10);
  for (const [index, { heading, program, output }] of examples.entries()) {
    const actual = await printed(program, join(folder, `${index}.mts`));
    // A text that ends with a line end is printed with one more, which the README does not show.
    assert.equal(actual.trimEnd(), output.trimEnd(), heading);
  }
});

test('every program in the README has its output', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  assert.equal(readme.split('```ts\n').length - 1, readmeExamples().length);
});
