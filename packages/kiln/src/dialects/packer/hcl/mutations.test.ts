import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatDiagnostic } from '../../../base/diagnostics.ts';
import { openPackerHcl } from './open-project.ts';
import { corpus } from './testing/corpus.ts';
import { writeProject } from './testing/projects.ts';

const texts = corpus.flatMap(({ files }) => (typeof files === 'string' ? [files] : []));

const pieces = [
  'build.ID',
  'null',
  '{',
  '}',
  '"',
  '${',
  '%{ if true }',
  '[',
  'dynamic "x" {',
  'local.x',
  '...',
  'for x in y : x',
  '{{',
  '1e999',
  '<<EOT',
  'sensitive = true',
  'only = [null]',
  'for_each = build',
  'range(1e9)',
];

/** The same numbers in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    yield state;
  }
}

test('whatever is written, it is a plan or a mistake that is told', async (t) => {
  const cwd = await writeProject(t, {});
  const random = numbers(42);
  const below = (count: number): number => random.next().value % count;
  for (let round = 0; round < 400; round++) {
    let text = texts[below(texts.length)]!;
    for (let change = below(3); change >= 0; change--) {
      const at = below(text.length + 1);
      const lines = text.split('\n');
      const line = below(lines.length);
      text = [
        text.slice(0, at) + text.slice(at + 1 + below(8)),
        text.slice(0, at) + pieces[below(pieces.length)] + text.slice(at),
        lines.toSpliced(line, 1).join('\n'),
        lines.toSpliced(line, 0, lines[below(lines.length)]!).join('\n'),
      ][below(4)]!;
    }
    await writeFile(join(cwd, 't.pkr.hcl'), text);
    const project = await openPackerHcl({
      file: 't.pkr.hcl',
      cwd,
      env: {},
      variables: {},
      variableFiles: [],
      fetchData: false,
      startedAt: new Date(0),
    });
    assert.ok(project.builds.length >= 0);
    const { plan, diagnostics } = project.plan();
    assert.equal(
      plan === undefined,
      diagnostics.some(({ severity }) => severity === 'error'),
      text,
    );
    for (const one of diagnostics) {
      assert.doesNotMatch(formatDiagnostic(one), /undefined|\[object|NaN/, text);
      assert.equal(one.at.file, 't.pkr.hcl', text);
    }
  }
});
