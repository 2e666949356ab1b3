import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Check } from './doctor/check.ts';
import { makeWorkshop } from './testing.ts';

interface Findings {
  readonly ready: boolean;
  readonly checks: readonly Check[];
}

test('the doctor finds the tools and tells their versions', async (t) => {
  const { kiln } = makeWorkshop(t);
  const { code, stdout } = await kiln('doctor', '--json');
  const { ready, checks } = JSON.parse(stdout) as Findings;
  assert.equal(code, ready ? 0 : 1);
  const byName = new Map(checks.map((check) => [check.name, check]));
  assert.match(byName.get('node')?.detail ?? '', /^\d+\.\d+\.\d+$/);
  assert.match(byName.get('qemu-img')?.detail ?? '', /^\d+\.\d+.* \(\/.*qemu-img\)$/);
  assert.equal(byName.get('leftovers')?.status, 'ok');
  for (const check of checks) {
    assert.ok(['ok', 'warn', 'missing'].includes(check.status));
    if (check.status === 'missing') assert.ok(check.fix, `${check.name} has no remedy`);
  }
});

test('what is missing is named with the line that installs it, and images cannot be built', async (t) => {
  const workshop = makeWorkshop(t);
  // Only Node and what is in the administrators' folders is left.
  symlinkSync(process.execPath, join(workshop.folder, 'node'));
  const started = workshop.start(['doctor'], { PATH: workshop.folder });
  const { code, stdout, stderr } = await started.done;
  assert.deepEqual([code, stderr], [1, '']);
  const text = stdout.replaceAll('sudo apt-get', 'apt-get');
  assert.match(
    text,
    /^missing {2}qemu-img +makes and converts disks\n +mend: apt-get install -y --no-install-recommends qemu-utils$/m,
  );
  assert.match(
    text,
    /^All that is missing, in one line:\n {2}apt-get install .* qemu-system-x86 qemu-utils /m,
  );
  assert.match(text, /^Kiln cannot build images here yet\.$/m);
});

test('a home that cannot hold an image is found', async (t) => {
  const workshop = makeWorkshop(t, { 'a file': 'x' });
  const KILN_HOME = join(workshop.folder, 'a file', 'home');
  const started = workshop.start(['doctor', '--json'], { KILN_HOME });
  const { code, stdout } = await started.done;
  assert.equal(code, 1);
  const space = (JSON.parse(stdout) as Findings).checks.find((check) => check.name === 'space');
  assert.equal(space?.status, 'missing');
  assert.match(space.fix ?? '', /KILN_HOME/);
});
