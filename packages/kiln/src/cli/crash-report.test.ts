import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hideInOutput } from './context.ts';
import { writeCrashReport } from './crash-report.ts';

test('a crash report has what a developer needs and no secret, from wherever it came', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-crash-'));
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
    hideInOutput([]);
    rmSync(folder, { recursive: true, force: true });
  });
  process.env = { ...before, KILN_HOME: folder, KILN_VAR_pin: 'from-environment', API_TOKEN: 'from-token' };
  const yaml = join(folder, 'vars.yaml');
  writeFileSync(yaml, 'a: from-yaml\nb: true\n');
  const json = join(folder, 'vars.json');
  writeFileSync(json, '{"c": "from \\"json\\""}');
  hideInOutput(['from-template']);
  const secrets = [
    'from-template',
    'from-environment',
    'from-token',
    'from-yaml',
    'from \\"json\\"',
    'from-line',
    'from=line',
  ];
  const words = [
    'build',
    '--var',
    'x=from-line',
    '-var=y=from=line',
    '--var-file',
    yaml,
    `--var-file=${json}`,
  ];
  const path = await writeCrashReport(new Error(`it broke at true: ${secrets.join(', ')}`), words);
  assert.ok(path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const report = readFileSync(path, 'utf8');
  for (const secret of secrets) assert.ok(!report.includes(secret), secret);
  assert.match(report, /^kiln \S+, Node v/);
  assert.match(report, /it broke at true/);
  assert.match(report, /crash-report\.test\.ts/, 'the stack is there');
});
