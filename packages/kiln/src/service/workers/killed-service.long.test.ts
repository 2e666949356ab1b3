import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultPlan, sufferFaults } from './testing/fault-plan.ts';

test('a service that is killed or told to cancel in any sub-state ends every run, once, and leaves nothing', {
  timeout: 600_000,
}, async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'kiln-faults-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const plan = faultPlan(7, 12);
  await sufferFaults(plan, join(root, 'home'), { kind: 'embedded', folder: join(root, 'database') }, (text) =>
    t.diagnostic(text),
  );
});
